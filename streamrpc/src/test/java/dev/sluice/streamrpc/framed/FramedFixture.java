package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.ManualClock;
import dev.sluice.streamrpc.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A server of both modes, clients, time of the test's own, and the check after each test that no buffer stayed out. */
abstract class FramedFixture {
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    static final JacksonBodies JSON = JacksonBodies.create();

    /** {@code {"Endpoint":"Echo",...}}: JSON for JSON. */
    static final String ECHO = message(1, request("Echo", 3, 3));

    static final String ECHO_BODY = message(2, "{\"A\":\"hi\",\"N\":7}\n");
    static final String ECHO_ANSWER = message(1, answer(3)) + message(2, "{\"a\":\"hi\",\"n\":7}\n");
    static final String CLOSE = message(1, request("Close", 2, 2));
    static final String CLOSE_ANSWER = message(1, answer(2));
    static final String RESET = "ff0100000000";

    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        thread.start();
    };

    @TempDir
    Path directory;

    final ManualClock clock = new ManualClock();
    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(2)
            .nanoClock(clock)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** What the specification's examples carry. */
    record Pair(String a, int n) {}

    /** Has itself for a part, which no JSON can say. */
    static final class Unwritable {
        public Unwritable getSelf() {
            return this;
        }
    }

    static String request(String endpoint, int dataType, int accept) {
        return "{\"Endpoint\":\"" + endpoint + "\",\"DataType\":" + dataType + ",\"Accept\":" + accept
                + ",\"Error\":0,\"ErrorMessage\":\"\"}\n";
    }

    static String answer(int dataType) {
        return "{\"Endpoint\":\"\",\"DataType\":" + dataType + ",\"Accept\":0,\"Error\":1,\"ErrorMessage\":\"\"}\n";
    }

    static String error(int status, String text) {
        return message(
                1,
                "{\"Endpoint\":\"\",\"DataType\":0,\"Accept\":0,\"Error\":" + status + ",\"ErrorMessage\":\"" + text
                        + "\"}\n");
    }

    /** Returns a message of one frame, in hex. */
    static String message(int type, String payload) {
        return frame(type, true, payload.getBytes(StandardCharsets.UTF_8));
    }

    static String frame(int type, boolean last, byte[] payload) {
        return String.format("%02x%02x%08x", type, last ? 1 : 0, Integer.reverseBytes(payload.length))
                + HexFormat.of().formatHex(payload);
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** {@code Echo}, and no more. */
    static Endpoints.Builder endpoints() {
        return Endpoints.builder(JSON).add("Echo", Pair.class, Pair.class, pair -> pair);
    }

    final SluiceServer serve(Endpoints.Builder endpoints) throws IOException {
        return serve(endpoints, Endpoint.tcp("127.0.0.1", 0), s -> s);
    }

    /** Serves with extensions and without at the same address. */
    final SluiceServer serve(
            Endpoints.Builder endpoints, Endpoint endpoint, UnaryOperator<FramedServer.Builder> configuration)
            throws IOException {
        Endpoints built = endpoints.build();
        SluiceServer server = SluiceServer.builder()
                .group(group)
                .listen(endpoint)
                .handshakeTimeout(HANDSHAKE_TIMEOUT)
                .protocol(configuration.apply(FramedServer.builder(built)).build())
                .protocol(
                        configuration.apply(FramedServer.builder(built).plain()).build())
                .start();
        opened.push(() -> server.stop(Duration.ZERO));
        return server;
    }

    final FramedClient client(Endpoint server, UnaryOperator<FramedClient.Builder> configuration) {
        return keep(configuration
                .apply(FramedClient.builder(server, JSON).group(group))
                .build());
    }

    final FramedClient client(Endpoint server, boolean plain) {
        return client(server, c -> plain ? c.plain() : c);
    }

    final Wire wire(SluiceServer server) throws IOException {
        return keep(Wire.connect(server.endpoints().get(0)));
    }

    /** Lets time pass in steps of a second, and all that is due at each of them happen. */
    final void pass(Duration time) throws Exception {
        for (long second = 0; second < time.toSeconds(); second++) {
            clock.advance(Duration.ofSeconds(1), group);
            for (EventLoop loop : group.loops()) {
                CompletableFuture<Void> earlierAreDone = new CompletableFuture<>();
                loop.execute(() -> loop.schedule(Duration.ZERO, () -> earlierAreDone.complete(null)));
                earlierAreDone.get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** Closes this when the test is over, before what was opened so far. */
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
        // A handler's thread may be about to release what it worked with.
        await().untilAsserted(() -> assertThat(group.buffers().outstanding())
                .as("buffers never released")
                .isEmpty());
        assertThat(group.buffers().outstandingBytes()).isZero();
    }
}
