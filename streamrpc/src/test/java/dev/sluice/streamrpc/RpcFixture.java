package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/**
 * A service with one method of raw bytes, a server for it, clients, time of the test's own, and the check after each test that
 * no buffer stayed out.
 */
abstract class RpcFixture {
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** {@code /test.streamrpc.Test/Stream}. */
    static final MethodDescriptor<byte[], byte[]> STREAM = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.streamrpc.Test/Stream")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    static final byte[] NOTHING = {};

    /** A thread for each task: the JDK's common pool has a single one on a small machine, and tests wait for each other. */
    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        thread.start();
    };

    final ManualClock clock = new ManualClock();
    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(2)
            .nanoClock(clock)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    StreamRpcServer rpc;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Messages are what they are. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static ServerServiceDefinition service(ServerCalls.UnaryMethod<byte[], byte[]> method) {
        return ServerServiceDefinition.builder("test.streamrpc.Test")
                .addMethod(STREAM, ServerCalls.asyncUnaryCall(method))
                .build();
    }

    /** Serves one method at a TCP address. */
    final SluiceServer serve(ServerCalls.UnaryMethod<byte[], byte[]> method) throws IOException {
        return serve(s -> s.addService(service(method)), Endpoint.tcp("127.0.0.1", 0));
    }

    final SluiceServer serve(UnaryOperator<StreamRpcServer.Builder> configuration, Endpoint endpoint)
            throws IOException {
        rpc = configuration.apply(StreamRpcServer.builder()).build();
        SluiceServer server = SluiceServer.builder()
                .group(group)
                .listen(endpoint)
                .handshakeTimeout(HANDSHAKE_TIMEOUT)
                .protocol(rpc)
                .start();
        opened.push(() -> server.stop(Duration.ZERO));
        return server;
    }

    final StreamRpcClient client(Endpoint endpoint) {
        return client(endpoint, c -> c);
    }

    final StreamRpcClient client(Endpoint endpoint, UnaryOperator<StreamRpcClient.Builder> configuration) {
        StreamRpcClient client = configuration
                .apply(StreamRpcClient.builder(endpoint).group(group))
                .build();
        opened.push(client);
        return client;
    }

    final void pass(Duration time) {
        clock.advance(time, group);
    }

    /** Closes this when the test is over, before the servers and clients made so far. */
    final <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    @AfterEach
    void shouldLeaveNothingBehind() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        group.close();
        // The method's thread may be about to release what it worked with.
        await().untilAsserted(() -> assertThat(group.buffers().outstanding())
                .as("buffers never released")
                .isEmpty());
        assertThat(group.buffers().outstandingBytes()).isZero();
    }
}
