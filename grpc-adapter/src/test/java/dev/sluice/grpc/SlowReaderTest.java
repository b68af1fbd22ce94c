package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.BufferPool;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A client that grants the largest window there is, and then does not read. */
class SlowReaderTest extends GrpcFixture {
    private static final int MESSAGE_BYTES = 16 << 10;
    /** What waits when the socket takes no more. */
    private static final int FULL_BYTES = 512 << 10;

    private static final int MAX_HELD_BYTES = 4 << 20;
    private static final byte[] LARGEST_STREAM_WINDOW = {0, 4, 0x7f, -1, -1, -1};
    private static final byte[] REST_OF_CONNECTION_WINDOW =
            ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE - 65_535).array();

    private final AtomicLong sent = new AtomicLong();

    /** Sends for as long as it may. */
    private ServerCall.Listener<byte[]> flood(ServerCall<byte[], byte[]> call, Metadata headers) {
        call.sendHeaders(new Metadata());
        return new ServerCall.Listener<>() {
            @Override
            public void onReady() {
                while (call.isReady()) {
                    call.sendMessage(new byte[MESSAGE_BYTES]);
                    sent.addAndGet(MESSAGE_BYTES);
                }
            }

            @Override
            public void onCancel() {
                call.close(Status.CANCELLED, new Metadata());
            }
        };
    }

    @Test
    void shouldHoldAMethodBackThatSendsMoreThanTheClientReads() throws Exception {
        SluiceServer server = start(
                listening(Wire.TCP),
                serve(b -> b.addService(ServerServiceDefinition.builder(SERVICE)
                        .addMethod(DOWN, this::flood)
                        .build())));
        try (FrameClient client = new FrameClient(server, LARGEST_STREAM_WINDOW)) {
            client.frame(FrameClient.WINDOW_UPDATE, 0, 0, REST_OF_CONNECTION_WINDOW);
            client.call(1, "/" + DOWN.getFullMethodName());
            client.frame(FrameClient.DATA, FrameClient.END_STREAM, 1, new byte[5]);
            BufferPool buffers = group.buffers();
            await().until(() -> buffers.outstandingBytes() > FULL_BYTES);
            await().during(Duration.ofMillis(300)).until(() -> buffers.outstandingBytes() < MAX_HELD_BYTES);
            long stalledAt = sent.get();
            for (long read = 0; read < 2 * stalledAt; ) {
                read += client.read(FrameClient.DATA).payload().length;
            }
            assertThat(sent.get()).as("and goes on with the client").isGreaterThan(stalledAt);
        }
    }
}
