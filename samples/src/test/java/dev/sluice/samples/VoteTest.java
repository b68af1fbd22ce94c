package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class VoteTest {
    @Test
    void shouldDoWhatTheCallerVotesFor() throws Exception {
        try (SluiceServer server = Vote.start(Endpoint.parse("tcp://localhost:0"))) {
            Endpoint endpoint = server.endpoints().get(0);
            assertThat(Vote.update(Vote.voting(endpoint, change -> true), "x")).isEqualTo("committed x");
            assertThat(Vote.update(Vote.voting(endpoint, change -> false), "x")).isEqualTo("aborted x");
            assertThatThrownBy(() -> Vote.update(endpoint, "x"))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("non-multiplexed connection");
        }
    }

    @Test
    void shouldAbortWhenTheCallerHasNoVote() throws Exception {
        try (SluiceServer server = Vote.start(Endpoint.parse("tcp://localhost:0"))) {
            Endpoint mute = Backchannel.client(server.endpoints().get(0), () -> List.of(Grpc.serve(builder -> {})));
            assertThatThrownBy(() -> Vote.update(mute, "x"))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ABORTED));
        }
    }
}
