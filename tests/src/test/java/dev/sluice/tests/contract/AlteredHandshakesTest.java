package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Handshakes, and what follows them, of which one piece is altered on the way. Whatever comes of it is a clean failure or none, in
 * bounded time, with nothing left behind.
 */
class AlteredHandshakesTest {
    private static final int TRIES = 150;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 4000;
    private static final int PAYLOAD_BYTES = 500;

    /** What TLS or its peer's cut may be reported as. */
    private static final Set<Reason> CLEAN = EnumSet.of(
            Reason.PROTOCOL_ERROR,
            Reason.UNTRUSTED,
            Reason.TRUNCATED,
            Reason.RESET,
            Reason.TIMEOUT,
            Reason.CLOSED,
            Reason.CANCELLED);

    private static final Map<String, Tls[]> PAIRS = new ConcurrentHashMap<>();
    private static final AtomicLong NAMES = new AtomicLong();

    enum Provider {
        JDK,
        JDK_TLS12,
        BOUNCY_CASTLE,
        CONSCRYPT;

        Tls[] pair() {
            return PAIRS.computeIfAbsent(name(), unused -> switch (this) {
                case JDK -> pair("SunJSSE");
                case BOUNCY_CASTLE -> pair("BCJSSE");
                case CONSCRYPT -> pair("Conscrypt");
                case JDK_TLS12 ->
                    new Tls[] {
                        Tls12.server(TlsConnectionContract.identity()), Tls12.client(TlsConnectionContract.identity())
                    };
            });
        }

        private static Tls[] pair(String provider) {
            return new Tls[] {
                Tls.serverBuilder(Identities.of(TlsConnectionContract.identity()))
                        .provider(provider)
                        .build(),
                TlsConnectionContract.clientBuilder().provider(provider).build()
            };
        }
    }

    enum Kind {
        /** One byte is another one. */
        CHANGE,
        /** Some bytes do not come. */
        DROP,
        /** Some bytes come twice. */
        REPEAT,
        /** Some other bytes come between. */
        INSERT,
        /** All ends in order, but early. */
        END,
        /** Nothing comes any more. */
        STALL
    }

    /** Alters what is written at one place of the stream. */
    private static final class Altering extends Between.PassThrough {
        private final Kind kind;
        private final int place;
        private final int amount;
        private long passed;
        private boolean over;

        Altering(Connection below, Kind kind, int place, int amount) {
            super(below);
            this.kind = kind;
            this.place = place;
            this.amount = amount;
        }

        @Override
        protected int writeSome(ByteBuffer src) throws IOException {
            int n = src.remaining();
            byte[] bytes = new byte[n];
            src.get(bytes);
            if (over) {
                return n;
            }
            int at = (int) Math.min(Integer.MAX_VALUE, place - passed);
            passed += n;
            if (at < 0 || at >= n) {
                forward(bytes, 0, n);
            } else {
                forward(bytes, 0, at);
                alter(bytes, at);
            }
            return n;
        }

        private void alter(byte[] bytes, int at) throws IOException {
            int some = Math.min(1 + amount % 64, bytes.length - at);
            switch (kind) {
                case CHANGE -> {
                    bytes[at] ^= (byte) (amount | 1);
                    forward(bytes, at, bytes.length);
                }
                case DROP -> forward(bytes, at + some, bytes.length);
                case REPEAT -> {
                    forward(bytes, at, at + some);
                    forward(bytes, at, bytes.length);
                }
                case INSERT -> {
                    forward(new byte[some], 0, some);
                    forward(bytes, at, bytes.length);
                }
                case END -> {
                    over = true;
                    below.shutdownOutput();
                }
                case STALL -> over = true;
            }
        }

        private void forward(byte[] bytes, int from, int to) throws IOException {
            ByteBuffer piece = ByteBuffer.wrap(bytes, from, to - from);
            if (piece.hasRemaining()) {
                below.write(piece);
            }
            assertThat(piece.hasRemaining()).as("no room in the pipe").isFalse();
        }

        @Override
        protected void endOutput() throws IOException {
            if (!over) {
                super.endOutput();
            }
        }
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
    void shouldFailCleanlyOrNotAtAll(
            @ForAll Provider provider,
            @ForAll Kind kind,
            @ForAll boolean ofClient,
            @ForAll @IntRange(max = MOST_BYTES) int place,
            @ForAll @IntRange(min = 1, max = 255) int amount)
            throws Exception {
        AtomicLong nanos = new AtomicLong(1);
        BufferPool buffers = BufferPool.builder().leakTracking(true).build();
        EventLoopGroup group = EventLoopGroup.builder()
                .loops(2)
                .nanoClock(nanos::get)
                .buffers(buffers)
                .build();
        CopyOnWriteArrayList<Recorder> accepted = new CopyOnWriteArrayList<>();
        Recorder connected = closingAtTheEnd();
        try {
            Tls[] pair = provider.pair();
            Endpoint address = Endpoint.memory("altered-" + NAMES.incrementAndGet());
            Between server = new Between(
                    pair[0], c -> ofClient ? new Between.PassThrough(c) : new Altering(c, kind, place, amount));
            Between client = new Between(
                    pair[1], c -> ofClient ? new Altering(c, kind, place, amount) : new Between.PassThrough(c));
            try (Listener listener = group.listen(address.with(server), c -> {
                Recorder recorder =
                        closingAtTheEnd().onAttached(attached -> attached.write(ByteBuffer.allocate(PAYLOAD_BYTES)));
                accepted.add(recorder);
                return recorder;
            })) {
                CompletableFuture<Connection> result = group.connect(
                                listener.endpoint().below().with(client), connected, TIMEOUT)
                        .toCompletableFuture();
                awaitOrTimeOut(result::isDone, group, nanos);
                use(result, connected, group, nanos);
            }
            for (Recorder recorder : accepted) {
                awaitOrTimeOut(recorder::isClosed, group, nanos);
                requireClean(recorder.awaitClosed());
            }
        } finally {
            group.close();
        }
        assertThat(buffers.outstanding()).isEmpty();
    }

    private static Recorder closingAtTheEnd() {
        Recorder recorder = new Recorder();
        return recorder.onReadable(connection -> {
            if (recorder.readOnce(connection) < 0) {
                connection.close();
            }
        });
    }

    private static void use(
            CompletableFuture<Connection> result, Recorder connected, EventLoopGroup group, AtomicLong nanos)
            throws Exception {
        Connection connection;
        try {
            connection = result.get();
        } catch (ExecutionException e) {
            requireClean((TransportException) e.getCause());
            return;
        }
        Side side = new Side(connection, connected);
        side.call(c -> {
            if (!connected.isClosed()) {
                c.write(ByteBuffer.allocate(PAYLOAD_BYTES));
            }
            return null;
        });
        awaitOrTimeOut(() -> connected.isClosed() || connected.receivedBytes() >= PAYLOAD_BYTES, group, nanos);
        side.close();
        awaitOrTimeOut(connected::isClosed, group, nanos);
        requireClean(connected.awaitClosed());
    }

    private static void requireClean(TransportException why) {
        assertThat(CLEAN).as("%s", why).contains(why.reason());
    }

    /** Lets the loops do all they can, and if that does not bring it about, lets deadlines pass, but not for ever. */
    private static void awaitOrTimeOut(Condition condition, EventLoopGroup group, AtomicLong nanos) throws Exception {
        for (int i = 0; i < 20 && !condition.holds(); i++) {
            for (int turn = 0; turn < 200 && !condition.holds(); turn++) {
                for (var loop : group.loops()) {
                    CompletableFuture<Void> turned = new CompletableFuture<>();
                    loop.execute(() -> turned.complete(null));
                    Waiting.result(turned);
                }
            }
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
    }

    private interface Condition {
        boolean holds();
    }

    @AfterContainer
    static void shouldHaveSeenAllProviders() {
        assertThat(PAIRS).hasSize(Provider.values().length);
    }
}
