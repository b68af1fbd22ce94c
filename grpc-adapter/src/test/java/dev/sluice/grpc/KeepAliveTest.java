package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeepAliveTest extends GrpcFixture {
    private SluiceServer server(int timeMillis, int timeoutMillis) throws IOException {
        return start(
                listening(Wire.TCP),
                serve(b -> b.keepAliveTime(timeMillis, TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(timeoutMillis, TimeUnit.MILLISECONDS)));
    }

    @Test
    void shouldKeepASilentClientThatAnswers() throws Exception {
        try (FrameClient client = new FrameClient(server(20, 5_000))) {
            for (int i = 0; i < 5; i++) {
                FrameClient.Frame ping = client.read(FrameClient.PING);
                assertThat(ping.flags()).isZero();
                client.frame(FrameClient.PING, FrameClient.ACK, 0, ping.payload());
            }
        }
    }

    @Test
    void shouldCutAClientThatDoesNotAnswer() throws Exception {
        try (FrameClient client = new FrameClient(server(20, 20))) {
            client.read(FrameClient.PING);
            assertThatThrownBy(() -> client.read(FrameClient.PING))
                    .satisfiesAnyOf(
                            t -> assertThat(t).isInstanceOf(EOFException.class),
                            t -> assertThat(t).hasMessageContaining("reset"));
        }
    }
}
