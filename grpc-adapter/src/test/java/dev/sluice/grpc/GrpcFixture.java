package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Servers and channels on every wire, methods of raw bytes, and the check after each test that no buffer stayed out. */
abstract class GrpcFixture {
    static final String SERVICE = "test.grpc.Test";
    static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> DOWN = method("Down", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<byte[], byte[]> UP = method("Up", MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<byte[], byte[]> BOTH = method("Both", MethodType.BIDI_STREAMING);

    private static final Identity IDENTITY = Identity.selfSigned("localhost");

    /** What a connection is made of. */
    enum Wire {
        TCP,
        UNIX,
        MEMORY,
        TLS,
        TLS_OVER_UNIX
    }

    @TempDir
    Path folder;

    /** What drives the server's connections; tests whose class is parameterized are run with each. */
    @Parameter
    GrpcServerOptions.Driving driving = GrpcServerOptions.Driving.LOOPS;

    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(2)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(SERVICE + "/" + name)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

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

    final Endpoint listening(Wire wire) {
        Tls tls = Tls.server(IDENTITY);
        return switch (wire) {
            case TCP -> Endpoint.tcp("127.0.0.1", 0);
            case UNIX -> Endpoint.unix(folder.resolve("s"));
            case MEMORY -> Endpoint.memory("grpc-test");
            case TLS -> Endpoint.tcp("localhost", 0).with(tls);
            case TLS_OVER_UNIX -> Endpoint.unix(folder.resolve("s")).with(tls);
        };
    }

    /** Returns the address of a server as clients are to write it. */
    final Endpoint reaching(Wire wire, SluiceServer server) {
        Endpoint bound = server.endpoints().get(0);
        Tls tls = Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .build();
        return wire == Wire.TLS || wire == Wire.TLS_OVER_UNIX ? bound.with(tls) : bound;
    }

    final GrpcServer serve(Consumer<? super ServerBuilder<?>> settings) {
        return Grpc.serve(GrpcServerOptions.builder().driving(driving).build(), settings);
    }

    final SluiceServer start(Endpoint endpoint, Protocol... protocols) throws IOException {
        SluiceServer.Builder builder = SluiceServer.builder().group(group).listen(endpoint);
        for (Protocol protocol : protocols) {
            builder.protocol(protocol);
        }
        SluiceServer server = builder.start();
        opened.push(() -> server.stop(Duration.ZERO));
        return server;
    }

    final ManagedChannel channel(Endpoint endpoint) {
        return channel(endpoint, b -> b);
    }

    final ManagedChannel channel(Endpoint endpoint, UnaryOperator<ManagedChannelBuilder<?>> settings) {
        ManagedChannel channel =
                settings.apply(Grpc.channelBuilder(endpoint, group)).build();
        opened.push(() -> {
            channel.shutdownNow();
            assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        });
        return channel;
    }

    @AfterEach
    void shouldLeaveNothingBehind() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        group.close();
        await().untilAsserted(() -> assertThat(group.buffers().outstanding())
                .as("buffers never released")
                .isEmpty());
    }
}
