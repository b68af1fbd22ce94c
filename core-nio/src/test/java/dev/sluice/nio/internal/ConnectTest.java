package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final AtomicLong clock = new AtomicLong();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).nanoClock(clock::get).build();
    private final List<SocketChannel> waiting = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        group.close();
        for (SocketChannel client : waiting) {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "unix:/s", "unix-abstract:s", "memory:s"})
    void shouldCompleteAfterTheHandlerIsAttached(String where) throws Exception {
        Endpoint endpoint = where.startsWith("unix") && !where.startsWith("unix-")
                ? Endpoint.unix(directory.resolve("s"))
                : Endpoint.parse(where.replace(":s", ":" + directory));
        try (Listener listener = group.listen(endpoint, c -> Collector.echoing())) {
            Collector handler = Collector.silent();
            CompletableFuture<Boolean> attached = group.connect(listener.endpoint(), handler, TIMEOUT)
                    .thenApply(c -> handler.isAttached())
                    .toCompletableFuture();
            assertThat(attached.get(10, TimeUnit.SECONDS)).isTrue();
            handler.roundTrip();
            assertThat(handler.connection().remoteEndpoint()).isEqualTo(listener.endpoint());
        }
    }

    @Test
    void shouldLiveOnTheLoopThatWasAskedFor() throws Exception {
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), c -> Collector.echoing())) {
            for (EventLoop loop : group.loops()) {
                Collector handler = Collector.silent();
                group.connect(loop, listener.endpoint(), handler, TIMEOUT);
                assertThat(handler.connection().loop()).isSameAs(loop);
            }
        }
    }

    @Test
    void shouldFindLocalhostWithoutAskingAnybody() throws Exception {
        try (Listener listener = group.listen(Endpoint.tcp("localhost", 0), c -> Collector.echoing())) {
            Collector handler = Collector.silent();
            group.connect(Endpoint.tcp("LocalHost", listener.endpoint().port()), handler, TIMEOUT);
            handler.roundTrip();
        }
    }

    @Test
    void shouldResolveNamesElsewhereThanOnALoop() throws Exception {
        String name = InetAddress.getLocalHost().getHostName();
        try (Listener listener = group.listen(Endpoint.parse("tcp://*:0"), c -> Collector.echoing())) {
            Collector handler = Collector.silent();
            CompletableFuture<Void> called = CompletableFuture.runAsync(
                    () -> group.connect(Endpoint.tcp(name, listener.endpoint().port()), handler, TIMEOUT),
                    group.next());
            called.get(10, TimeUnit.SECONDS);
            handler.roundTrip();
        }
    }

    // ---------------------------------------------------------------- nobody there

    @Test
    void shouldSayThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertFails(connect(Endpoint.tcp("127.0.0.1", port)), Reason.REFUSED, "connect to tcp://127.0.0.1:" + port);
        TransportException both = assertFails(
                connect(Endpoint.tcp("localhost", port)), Reason.REFUSED, "connect to tcp://localhost:" + port);
        assertThat(both.getSuppressed()).as("the other address").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:/no/such/directory/s", "unix-abstract:nobody-listens-here", "memory:nobody"})
    void shouldSayThatNobodyListensAtAName(String where) {
        assertFails(connect(Endpoint.parse(where)), Reason.REFUSED, "connect to " + Endpoint.parse(where));
    }

    @Test
    void shouldSayThatNobodyListensAtAFileLeftBehind() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertFails(connect(Endpoint.unix(path)), Reason.REFUSED, path.toString());
    }

    @Test
    void shouldSayThatTheHostIsUnknown() {
        assertFails(
                connect(Endpoint.tcp("no-such-host.invalid", 1)),
                Reason.UNKNOWN_HOST,
                "unknown host no-such-host.invalid");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:1?nodelay=maybe, INVALID_ENDPOINT, takes true or false",
        "unix:/s?color=red, INVALID_ENDPOINT, unknown option 'color'",
        "unix-abstract:s?mode=600, INVALID_ENDPOINT, unknown option 'mode'",
        "memory:s?connecttimeout=soon, INVALID_ENDPOINT, takes a number of milliseconds",
        "memory:s?x=1, INVALID_ENDPOINT, memory endpoints take no options",
        "carrier-pigeon:coop, UNSUPPORTED, no transport for the scheme",
    })
    void shouldFailWhenTheEndpointMakesNoSense(String where, Reason reason, String text) {
        assertFails(connect(Endpoint.parse(where)), reason, text);
    }

    @Test
    void shouldRefuseATimeoutOfNothingAndANullHandler() {
        Endpoint anywhere = Endpoint.tcp("127.0.0.1", 1);
        assertThatThrownBy(() -> group.connect(anywhere, Collector.silent(), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.connect(anywhere, Collector.silent(), Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.connect(anywhere, null, TIMEOUT)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void shouldTakeATimeoutOfForever() throws Exception {
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), c -> Collector.echoing())) {
            Collector handler = Collector.silent();
            group.connect(listener.endpoint(), handler, ChronoUnit.FOREVER.getDuration());
            handler.roundTrip();
        }
    }

    // ---------------------------------------------------------------- nobody answers

    @Test
    void shouldGiveUpAtTheDeadlineWhenNobodyAnswers() throws Exception {
        try (ServerSocketChannel deaf = deafServer()) {
            CompletionStage<Connection> connecting = connect(endpointOf(deaf));
            assertThat(connecting.toCompletableFuture()).isNotDone();
            clock.addAndGet(TIMEOUT.toNanos() - 1);
            turn();
            assertThat(connecting.toCompletableFuture()).isNotDone();
            clock.addAndGet(1);
            turn();
            assertFails(connecting, Reason.TIMEOUT, "connect to " + endpointOf(deaf));
            assertThat(connections()).isZero();
        }
    }

    /** A server whose backlog is full: the kernel drops what else comes. */
    private ServerSocketChannel deafServer() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        boolean taken = true;
        while (taken) {
            SocketChannel client = SocketChannel.open();
            waiting.add(client);
            client.configureBlocking(false);
            client.connect(server.getLocalAddress());
            taken = client.finishConnect();
        }
        return server;
    }

    private static Endpoint endpointOf(ServerSocketChannel server) throws IOException {
        return Endpoint.tcp("127.0.0.1", ((InetSocketAddress) server.getLocalAddress()).getPort());
    }

    @Test
    void shouldGiveUpAtTheDeadlineWhenTheNameTakesTooLongToResolve() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        try {
            occupyResolver(slow);
            CompletionStage<Connection> connecting = connect(Endpoint.tcp("no-such-host.invalid", 1));
            turn();
            assertThat(connecting.toCompletableFuture()).isNotDone();
            clock.addAndGet(TIMEOUT.toNanos());
            turn();
            assertFails(connecting, Reason.TIMEOUT, "connect to tcp://no-such-host.invalid:1");
        } finally {
            slow.countDown();
        }
    }

    private static void occupyResolver(CountDownLatch until) throws InterruptedException {
        CountDownLatch occupied = new CountDownLatch(Resolver.MAX_THREADS);
        for (int i = 0; i < Resolver.MAX_THREADS; i++) {
            Resolver.run(() -> {
                occupied.countDown();
                try {
                    until.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        occupied.await();
    }

    @Test
    void shouldWaitWhenTheBacklogOfAUnixServerIsFull() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            UnixSocketFileTest.fillBacklog(path, waiting);
            CompletionStage<Connection> connecting = connect(Endpoint.unix(path));
            turn();
            assertThat(connecting.toCompletableFuture()).isNotDone();
            busy.accept().close();
            await().until(() -> {
                clock.addAndGet(Duration.ofMillis(1).toNanos());
                turn();
                return connecting.toCompletableFuture().isDone();
            });
            assertThat(connecting.toCompletableFuture()).isCompleted();
        }
    }

    @Test
    void shouldGiveUpAtTheDeadlineWhenTheBacklogOfAUnixServerStaysFull() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            UnixSocketFileTest.fillBacklog(path, waiting);
            CompletionStage<Connection> connecting = connect(Endpoint.unix(path));
            turn();
            clock.addAndGet(TIMEOUT.toNanos());
            turn();
            assertFails(connecting, Reason.TIMEOUT, path.toString());
        }
    }

    // ---------------------------------------------------------------- the end

    @Test
    void shouldFailWhenTheGroupIsClosedMeanwhile() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel deaf = deafServer();
                ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            UnixSocketFileTest.fillBacklog(path, waiting);
            CompletionStage<Connection> tcp = connect(endpointOf(deaf));
            CompletionStage<Connection> unix = connect(Endpoint.unix(path));
            turn();
            group.close();
            assertFails(tcp, Reason.SHUTDOWN, "shutting down");
            assertFails(unix, Reason.SHUTDOWN, "shutting down");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://name.invalid:1", "unix:/s", "memory:s"})
    void shouldFailWhenTheGroupIsClosed(String where) {
        group.close();
        TransportException failure = failureOf(connect(Endpoint.parse(where)));
        assertThat(failure.reason()).isIn(Reason.SHUTDOWN, Reason.UNKNOWN_HOST);
    }

    @Test
    void shouldTellAConnectionOfAnEndingLoopThatItEnds() throws Exception {
        try (EventLoopGroup servers = EventLoopGroup.of(1);
                Listener listener = servers.listen(Endpoint.tcp("127.0.0.1", 0), c -> Collector.echoing())) {
            CountDownLatch blocked = new CountDownLatch(1);
            EventLoop loop = group.loops().get(0);
            loop.execute(() -> awaitQuietly(blocked));
            Collector handler = Collector.silent();
            CompletionStage<Connection> connecting = group.connect(loop, listener.endpoint(), handler, TIMEOUT);
            Thread closer = new Thread(group::close);
            closer.start();
            await().until(() -> {
                try {
                    group.loops().get(1).execute(() -> {});
                    return false;
                } catch (java.util.concurrent.RejectedExecutionException e) {
                    return true; // so the other loop was asked to end as well
                }
            });
            blocked.countDown();
            closer.join();
            await().until(() -> connecting.toCompletableFuture().isDone());
            if (handler.isAttached()) {
                assertThat(handler.awaitClosed().reason()).isEqualTo(Reason.SHUTDOWN);
            } else {
                assertFails(connecting, Reason.SHUTDOWN, "");
            }
        }
    }

    // ---------------------------------------------------------------- what these tests use

    private CompletionStage<Connection> connect(Endpoint endpoint) {
        return group.connect(endpoint, Collector.silent(), TIMEOUT);
    }

    private static TransportException assertFails(CompletionStage<?> stage, Reason reason, String text) {
        TransportException failure = failureOf(stage);
        assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
        assertThat(failure.getMessage()).contains(text).hasLineCount(1);
        return failure;
    }

    private static TransportException failureOf(CompletionStage<?> stage) {
        try {
            Object result = stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
            throw new AssertionError("should have failed, came to " + result);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(TransportException.class);
            return (TransportException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError("should have failed", e);
        }
    }

    /** Lets every loop look at its timers. */
    private void turn() throws Exception {
        for (int i = 0; i < 3; i++) {
            for (EventLoop loop : group.loops()) {
                CompletableFuture.runAsync(() -> {}, loop).get(10, TimeUnit.SECONDS);
            }
        }
    }

    private int connections() {
        return group.loops().stream().mapToInt(EventLoop::connectionCount).sum();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
