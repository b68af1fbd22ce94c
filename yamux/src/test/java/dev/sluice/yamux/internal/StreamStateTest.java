package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamStateTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "OPEN,         ENDING,      -,            INPUT_ENDED, WAS_RESET",
                "ENDING,       -,           OUTPUT_ENDED, ENDING_LAST, WAS_RESET",
                "OUTPUT_ENDED, -,           -,            FINISHED,    WAS_RESET",
                "INPUT_ENDED,  ENDING_LAST, -,            -,           WAS_RESET",
                "ENDING_LAST,  -,           FINISHED,     -,           WAS_RESET",
                "FINISHED,     -,           -,            -,           -",
                "WAS_RESET,    -,           -,            -,           -",
            })
    void shouldKnowWhatIsLegal(
            StreamState state, StreamState end, StreamState endSent, StreamState remoteEnd, StreamState reset) {
        assertThat(state.after(StreamState.Event.END)).isEqualTo(end);
        assertThat(state.after(StreamState.Event.END_SENT)).isEqualTo(endSent);
        assertThat(state.after(StreamState.Event.REMOTE_END)).isEqualTo(remoteEnd);
        assertThat(state.after(StreamState.Event.RESET)).isEqualTo(reset);
    }

    @Test
    void shouldSayWhatWasExpectedWhenItIsIllegal() throws Exception {
        DrivenSession client = new DrivenSession(Role.CLIENT);
        YamuxStream stream = client.session.open();
        stream.endOutput();

        assertThatThrownBy(() -> stream.addOutput(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("yamux client on test stream 1")
                .hasMessageContaining("open output")
                .hasMessageContaining("ENDING");
        assertThatThrownBy(stream::accept).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseToUseWhatIsNotAccepted() {
        DrivenSession server = new DrivenSession(Role.SERVER);
        server.accepts = false;
        server.receive("000100010000000100000000");
        YamuxStream stream = server.only();

        assertThatThrownBy(() -> stream.addOutput(1)).hasMessageContaining("not accepted");
        assertThatThrownBy(stream::endOutput).hasMessageContaining("not accepted");
        assertThatThrownBy(stream::close).hasMessageContaining("not accepted");
    }
}
