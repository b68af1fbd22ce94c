package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final BufferPool buffers =
            BufferPool.builder().maxOutstandingBytes(1 << 20).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).buffers(buffers).build();
    private final List<Collector> accepted = new CopyOnWriteArrayList<>();
    private final Acceptor acceptor = connection -> {
        Collector handler = Collector.echoing();
        accepted.add(handler);
        return handler;
    };

    @AfterEach
    void close() {
        group.close();
    }

    private Endpoint endpoint(String scheme) {
        return switch (scheme) {
            case "tcp" -> Endpoint.tcp("127.0.0.1", 0);
            case "unix" -> Endpoint.unix(directory.resolve("s"));
            case "unix-abstract" -> Endpoint.unixAbstract(directory.toString());
            default -> Endpoint.memory("listener-test");
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "memory"})
    void shouldAcceptAndCount(String scheme) throws Exception {
        try (Listener listener = group.listen(endpoint(scheme), acceptor)) {
            for (int i = 1; i <= 3; i++) {
                connect(listener).roundTrip();
                assertThat(listener.stats()).isEqualTo(new Listener.Stats(i, 0));
            }
        }
    }

    @Test
    void shouldTellThePortThatTheSystemChose() throws Exception {
        try (Listener listener = group.listen(Endpoint.parse("tcp://127.0.0.1:0?backlog=5"), acceptor)) {
            assertThat(listener.endpoint().port()).isPositive();
            assertThat(listener.endpoint().host()).isEqualTo("127.0.0.1");
            assertThat(listener.endpoint().option("backlog")).contains("5");
            connect(listener);
            await().until(() -> accepted.size() == 1);
            assertThat(accepted.get(0).connection().localEndpoint()).isEqualTo(listener.endpoint());
        }
    }

    @Test
    void shouldAcceptOnAllAddressesWhenTheHostIsAStar() throws Exception {
        try (Listener listener = group.listen(Endpoint.parse("tcp://*:0"), acceptor)) {
            connectTo(Endpoint.tcp("127.0.0.1", listener.endpoint().port())).roundTrip();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "memory"})
    void shouldLetClientsWaitWhenTheLimitIsReachedUntilAConnectionEnds(String scheme) throws Exception {
        try (Listener listener = group.listen(endpoint(scheme), acceptor, 2)) {
            Collector first = connect(listener);
            first.roundTrip();
            connect(listener).roundTrip();
            Collector third = connect(listener);
            settle();
            assertThat(accepted).hasSize(2);
            first.close();
            third.roundTrip();
            assertThat(accepted).hasSize(3);
            assertThat(listener.stats().accepted()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "memory"})
    void shouldFreeTheAddressButKeepConnectionsWhenClosed(String scheme) throws Exception {
        Listener listener = group.listen(endpoint(scheme), acceptor);
        Collector connected = connect(listener);
        connected.roundTrip();
        listener.close();
        listener.close();
        assertThatThrownBy(() -> connect(listener))
                .hasCauseInstanceOf(TransportException.class)
                .extracting(e -> ((TransportException) e.getCause()).reason())
                .isEqualTo(Reason.REFUSED);
        try (Listener again = group.listen(listener.endpoint(), acceptor)) {
            connect(again).roundTrip();
        }
        connected.roundTrip();
    }

    @Test
    void shouldCloseOnALoopWithoutWaiting() throws Exception {
        Listener listener = group.listen(endpoint("tcp"), acceptor);
        for (EventLoop loop : group.loops()) {
            CompletableFuture.runAsync(listener::close, loop).get(10, TimeUnit.SECONDS);
        }
        await().untilAsserted(() -> group.listen(listener.endpoint(), acceptor).close());
    }

    @Test
    void shouldNotWaitForALoopThatEndsWhenClosed() throws Exception {
        List<String> warnings = new CopyOnWriteArrayList<>();
        Handler recorder = new WarningRecorder(warnings);
        Logger logger = Logger.getLogger(SocketListener.class.getName());
        logger.addHandler(recorder);
        try (EventLoopGroup ending = EventLoopGroup.of(1)) {
            Listener listener = ending.listen(endpoint("unix"), acceptor);
            CountDownLatch blocked = new CountDownLatch(1);
            ending.next().execute(() -> awaitQuietly(blocked));
            Thread closer = new Thread(listener::close);
            closer.start();
            await().until(() -> ending.next().stats().queuedTasks() > 0);
            Thread ender = new Thread(ending::close);
            ender.start();
            await().until(() -> ender.getState() == Thread.State.TIMED_WAITING);
            blocked.countDown();
            closer.join();
            ender.join();
        } finally {
            logger.removeHandler(recorder);
        }
        assertThat(warnings).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class WarningRecorder extends Handler {
        private final List<String> warnings;

        WarningRecorder(List<String> warnings) {
            this.warnings = warnings;
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldFailAndFreeTheAddressWhenTheLoopCannotWatchIt() throws Exception {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.close();
        AtomicInteger freed = new AtomicInteger();
        SocketListener listener = new SocketListener(
                group,
                SocketKind.TCP,
                ServerChannel.of(channel),
                Endpoint.tcp("127.0.0.1", 1234),
                acceptor,
                1,
                freed::incrementAndGet);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(listener::start)
                .withMessageContaining("listen on tcp://127.0.0.1:1234")
                .withMessageContaining("event loop");
        assertThat(freed).hasValue(1);
    }

    // ---------------------------------------------------------------- acceptors that fail

    @ParameterizedTest
    @CsvSource({
        "tcp, exception",
        "tcp, error",
        "tcp, null",
        "unix, error",
        "memory, exception",
        "memory, error",
        "memory, null"
    })
    void shouldCloseOnlyThatConnectionWhenTheAcceptorFails(String scheme, String failure) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<TransportException> told = new CompletableFuture<>();
        Acceptor failing = connection -> {
            if (calls.incrementAndGet() > 1) {
                return acceptor.onAccepted(connection);
            }
            connection.whenClosed(told::complete);
            return switch (failure) {
                case "exception" -> throw new IllegalStateException("thrown by a test");
                case "error" -> throw new AssertionError("thrown by a test");
                default -> null;
            };
        };
        try (Listener listener = group.listen(endpoint(scheme), failing, 1)) {
            group.connect(listener.endpoint(), Collector.silent(), TIMEOUT); // may fail, or succeed and be closed
            assertThat(told.get(10, TimeUnit.SECONDS).reason()).isEqualTo(Reason.INTERNAL);
            connect(listener).roundTrip();
            await().until(() -> connections() == 2);
        }
    }

    // ---------------------------------------------------------------- shortage

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void shouldLetClientsWaitWhenBuffersRunShort(String scheme) throws Exception {
        try (Listener listener = group.listen(endpoint(scheme), acceptor)) {
            PooledBuffer most = buffers.acquire(1 << 20);
            Collector waiting = connect(listener);
            settle();
            assertThat(accepted).isEmpty();
            most.release();
            waiting.roundTrip();
        }
    }

    // ---------------------------------------------------------------- addresses that cannot be used

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "memory"})
    void shouldSayInOneLineThatTheAddressIsInUse(String scheme) throws Exception {
        try (Listener listener = group.listen(endpoint(scheme), acceptor)) {
            assertRefused(listener.endpoint(), Reason.ADDRESS_IN_USE, "choose another");
            connect(listener).roundTrip();
        }
    }

    @Test
    void shouldSayInOneLineThatPermissionIsDenied() throws Exception {
        boolean root = "root".equals(System.getProperty("user.name"));
        Path denied = root ? Path.of("/sys") : directory; // not even root makes files there
        assumeTrue(Files.isDirectory(denied), "no directory that refuses root");
        if (!root) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        assertRefused(Endpoint.unix(denied.resolve("s")), Reason.PERMISSION_DENIED, "choose a directory");
    }

    @Test
    void shouldSayInOneLineThatTheAddressIsNotOfThisMachine() {
        assertRefused(Endpoint.tcp("192.0.2.1", 0), Reason.IO_ERROR, "is 192.0.2.1 an address of this machine?");
    }

    @Test
    void shouldSayInOneLineThatTheHostIsUnknown() {
        assertRefused(Endpoint.tcp("no-such-host.invalid", 0), Reason.UNKNOWN_HOST, "no-such-host.invalid");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://127.0.0.1:0?mode=600         | unknown option 'mode'",
                "tcp://127.0.0.1:0?backlog=0        | the option 'backlog' takes a number of at least 1, is '0'",
                "tcp://127.0.0.1:0?backlog=many     | the option 'backlog' takes a number of at least 1, is 'many'",
                "tcp://127.0.0.1:0?nodelay=yes      | the option 'nodelay' takes true or false, is 'yes'",
                "tcp://127.0.0.1:0?rcvbuf=1         | the option 'rcvbuf' takes a number of at least 1024, is '1'",
                "unix:/tmp/s?nodelay=true           | unknown option 'nodelay'",
                "unix:/tmp/s?mode=rw                | the option 'mode' takes three octal digits, as in 0660, is 'rw'",
                "unix:/tmp/s?mode=888               | the option 'mode' takes three octal digits",
                "unix-abstract:s?mode=600           | unknown option 'mode'",
                "memory:s?backlog=1                 | memory endpoints take no options",
            })
    void shouldSayInOneLineWhatIsWrongWithAnOption(String endpoint, String why) {
        assertRefused(Endpoint.parse(endpoint), Reason.INVALID_ENDPOINT, why);
    }

    @Test
    void shouldSayWhichTransportsThereAreWhenTheSchemeIsUnknown() {
        assertRefused(
                Endpoint.parse("carrier-pigeon:coop"),
                Reason.UNSUPPORTED,
                "no transport for the scheme 'carrier-pigeon'; installed are [memory, tcp, unix, unix-abstract]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "memory"})
    void shouldRefuseToListenWhenTheGroupIsClosed(String scheme) throws Exception {
        group.close();
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> group.listen(endpoint(scheme), acceptor))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SHUTDOWN));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldRefuseALimitOfNone() {
        assertThatThrownBy(() -> group.listen(endpoint("tcp"), acceptor, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxConnections");
    }

    // ---------------------------------------------------------------- what these tests use

    private void assertRefused(Endpoint endpoint, Reason reason, String text) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> group.listen(endpoint, acceptor).close())
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.getMessage())
                            .contains(endpoint.toString())
                            .contains(text)
                            .hasLineCount(1);
                });
    }

    private Collector connect(Listener listener) throws CompletionException {
        return connectTo(listener.endpoint());
    }

    private Collector connectTo(Endpoint endpoint) throws CompletionException {
        Collector handler = Collector.silent();
        CompletionStage<?> connecting = group.connect(endpoint, handler, TIMEOUT);
        connecting.toCompletableFuture().join();
        return handler;
    }

    private int connections() {
        return group.loops().stream().mapToInt(EventLoop::connectionCount).sum();
    }

    /** Lets the loops go round often enough that what they would accept is accepted. */
    private void settle() throws Exception {
        for (int i = 0; i < 50; i++) {
            for (EventLoop loop : group.loops()) {
                CompletableFuture.runAsync(() -> {}, loop).get(10, TimeUnit.SECONDS);
            }
        }
    }
}
