package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Uploads that a method refuses while more of them is on its way. */
class RefusedUploadTest extends GrpcFixture {
    private static final int CALLS = 500;
    private static final int FRAME_BYTES = 10_000;

    private long window = 65_535;

    private static ServerCall.Listener<byte[]> refuse(ServerCall<byte[], byte[]> call, Metadata headers) {
        call.close(Status.FAILED_PRECONDITION, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    @Test
    void shouldNeitherUseUpTheConnectionsWindowNorCountAsAnAttack() throws Exception {
        SluiceServer server = start(
                listening(Wire.TCP),
                serve(b -> b.addService(ServerServiceDefinition.builder(SERVICE)
                        .addMethod(UP, RefusedUploadTest::refuse)
                        .build())));
        try (FrameClient client = new FrameClient(server)) {
            for (int call = 0; call < CALLS; call++) {
                int stream = 2 * call + 1;
                client.call(stream, "/" + UP.getFullMethodName());
                while (next(client).type() != FrameClient.HEADERS) {
                    // Its end is awaited.
                }
                while (window < FRAME_BYTES) {
                    next(client);
                }
                client.frame(FrameClient.DATA, 0, stream, new byte[FRAME_BYTES]);
                window -= FRAME_BYTES;
            }
        }
    }

    private FrameClient.Frame next(FrameClient client) throws IOException {
        FrameClient.Frame frame = client.read();
        assertThat(frame.type()).isNotEqualTo(FrameClient.GOAWAY);
        if (frame.type() == FrameClient.WINDOW_UPDATE && frame.stream() == 0) {
            window += ByteBuffer.wrap(frame.payload()).getInt();
            assertThat(window).as("more than HTTP/2's own was not offered").isLessThanOrEqualTo(65_535);
        }
        return frame;
    }
}
