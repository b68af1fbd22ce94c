package dev.sluice.grpc.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Finds out whether this version of grpc-okhttp lets {@link LoopDriver} drive it, which rests on how that is built inside: calls a
 * server in memory, and looks for the answer. Once in a process.
 */
public final class LoopProbe {
    private static final Logger LOG = System.getLogger(LoopProbe.class.getName());
    private static final String VERSION = "1.82.2";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final KeepAlive.Settings KEEP_ALIVE = new KeepAlive.Settings(LIMIT, LIMIT);

    private LoopProbe() {}

    private static final class Result {
        static final boolean POSSIBLE =
                find(sockets -> new LoopDriver(sockets, GrpcServerOptions.defaults(), KEEP_ALIVE, breach -> {}), LIMIT);
    }

    /** Returns whether loops can drive grpc-okhttp's server; the log says why not. Blocks for as long as the first call takes, 10 s at most. */
    public static boolean isPossible() {
        return Result.POSSIBLE;
    }

    /** @param limit how long the call may take */
    static boolean find(Function<AcceptedSockets, ConnectionDriver> drivers, Duration limit) {
        try (EventLoopGroup group = EventLoopGroup.of(1)) {
            call(group, drivers, limit);
            LOG.log(Level.DEBUG, "gRPC's connections are driven by their loops");
            return true;
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.log(
                    Level.WARNING,
                    "gRPC's connections get threads: a call driven by a loop failed, or took more than "
                            + limit.toSeconds() + " s, with grpc-okhttp "
                            + OkHttpServerBuilder.class.getPackage().getImplementationVersion() + " (made for "
                            + VERSION
                            + "); Driving.THREADS makes no such call",
                    e);
            return false;
        }
    }

    private static void call(EventLoopGroup group, Function<AcceptedSockets, ConnectionDriver> drivers, Duration limit)
            throws IOException {
        AcceptedSockets sockets = new AcceptedSockets();
        ConnectionDriver driver = drivers.apply(sockets);
        Server server = OkHttpServerBuilder.forPort(sockets.address(), InsecureServerCredentials.create())
                .socketFactory(sockets)
                .transportExecutor(driver)
                .directExecutor()
                .keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS)
                .build()
                .start();
        Endpoint endpoint = Endpoint.memory("sluice-grpc-probe-" + UUID.randomUUID());
        try (Listener listener = group.listen(endpoint, connection -> new Opener(driver))) {
            Caller caller = new Caller();
            group.connect(listener.endpoint(), caller, limit);
            caller.answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).join();
        } finally {
            server.shutdownNow();
        }
    }

    /** Hands a new connection on. */
    private static final class Opener implements ConnectionHandler {
        private final ConnectionDriver driver;

        Opener(ConnectionDriver driver) {
            this.driver = driver;
        }

        @Override
        public void onAttached(Connection connection) throws TransportException {
            driver.opened(connection);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("another has the connection");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The transport is told.
        }
    }

    /** Calls a method that there is not, which the server is to say at the end of the call's stream. */
    private static final class Caller implements ConnectionHandler {
        final CompletableFuture<Void> answer = new CompletableFuture<>();
        private final FrameScanner frames = new FrameScanner(0, this::seen);

        private static byte[] request() {
            ByteArrayOutputStream headers = new ByteArrayOutputStream();
            headers.writeBytes(new byte[] {(byte) 0x83, (byte) 0x86, 4}); // POST, http, :path
            text(headers, "/sluice.Probe/Call");
            headers.writeBytes(new byte[] {0x0f, 0x10}); // content-type
            text(headers, "application/grpc");
            headers.write(0);
            text(headers, "te");
            text(headers, "trailers");
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes(Http2Preface.PREFACE);
            request.writeBytes(new byte[] {0, 0, 0, Http2Frames.SETTINGS, 0, 0, 0, 0, 0});
            int flags = Http2Frames.FLAG_END_HEADERS | Http2Frames.FLAG_END_STREAM;
            request.writeBytes(new byte[] {0, 0, (byte) headers.size(), Http2Frames.HEADERS, (byte) flags, 0, 0, 0, 1});
            request.writeBytes(headers.toByteArray());
            return request.toByteArray();
        }

        private static void text(ByteArrayOutputStream to, String text) {
            to.write(text.length());
            to.writeBytes(text.getBytes(US_ASCII));
        }

        private void seen(int length, int type, int flags, int stream, int value) {
            if (type == Http2Frames.HEADERS && (flags & Http2Frames.FLAG_END_STREAM) != 0) {
                answer.complete(null);
            }
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            connection.write(ByteBuffer.wrap(request())); // a new connection has room for it
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(1024);
            if (connection.read(bytes) < 0) {
                connection.close();
                return;
            }
            bytes.flip();
            while (bytes.hasRemaining()) {
                frames.scan(bytes);
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            answer.completeExceptionally(cause);
        }
    }
}
