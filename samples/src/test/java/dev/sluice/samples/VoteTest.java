package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.StatusRuntimeException;
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
}
