package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.HandshakeTrace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlightEventsTest {
    private static final String ACCEPTED = "dev.sluice.ConnectionAccepted";
    private static final String CLOSED = "dev.sluice.ConnectionClosed";
    private static final String HANDSHAKE = "dev.sluice.Handshake";
    private static final String SLOW_TURN = "dev.sluice.SlowTurn";
    private static final String STALLED_WRITE = "dev.sluice.StalledWrite";

    @TempDir
    Path directory;

    private final AtomicLong clock = new AtomicLong();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(1).nanoClock(clock::get).build();
    private final EventLoop loop = group.next();
    private final Recording recording = new Recording();

    @AfterEach
    void close() {
        group.close();
        recording.close();
    }

    private void record(String... events) {
        for (String event : events) {
            recording.enable(event).withoutThreshold();
        }
        recording.start();
    }

    /** Returns what was recorded so far of one kind. */
    private List<RecordedEvent> recorded(String name) throws IOException {
        Path file = directory.resolve(name);
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        FutureTask<T> result = new FutureTask<>(task);
        loop.execute(result);
        return result.get(10, TimeUnit.SECONDS);
    }

    /** Both ends of a connection, the client's first. */
    private List<Collector> open(Endpoint endpoint) throws Exception {
        CompletableFuture<Collector> accepted = new CompletableFuture<>();
        Collector client = Collector.silent();
        try (Listener listener = group.listen(endpoint, connection -> {
            Collector server = Collector.silent();
            accepted.complete(server);
            return server;
        })) {
            group.connect(listener.endpoint(), client, Duration.ofSeconds(10))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            return List.of(client, accepted.get(10, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:flight"})
    void shouldRecordThatAConnectionWasAcceptedAndHowItEnded(String address) throws Exception {
        record(ACCEPTED, CLOSED);
        List<Collector> ends = open(Endpoint.parse(address));
        Connection server = ends.get(1).connection();
        ends.get(0).send();
        ends.get(1).awaitByte();
        TransportException why = new TransportException(Reason.LIMIT_EXCEEDED, "enough of it");
        onLoop(() -> {
            server.abort(why);
            return null;
        });
        assertThat(recorded(ACCEPTED)).singleElement().satisfies(accepted -> {
            assertThat(accepted.getLong("connection")).isEqualTo(server.id());
            assertThat(accepted.getString("local"))
                    .isEqualTo(server.localEndpoint().toString());
            assertThat(accepted.getString("remote"))
                    .isEqualTo(server.remoteEndpoint().toString());
        });
        assertThat(recorded(CLOSED))
                .filteredOn(event -> event.getLong("connection") == server.id())
                .singleElement()
                .satisfies(closed -> {
                    assertThat(closed.getString("reason")).isEqualTo("LIMIT_EXCEEDED");
                    assertThat(closed.getLong("bytesIn")).isEqualTo(1);
                    assertThat(closed.getLong("bytesOut")).isZero();
                });
    }

    @Test
    void shouldRecordAStalledWriteWhenThereIsRoomAgain() throws Exception {
        record(STALLED_WRITE);
        List<Collector> ends = open(Endpoint.memory("flight-stall"));
        Connection writer = ends.get(1).connection();
        Connection reader = ends.get(0).connection();
        onLoop(() -> {
            reader.pauseReading();
            fill(writer);
            fill(writer); // still the same stall
            reader.resumeReading();
            return null;
        });
        ends.get(0).awaitByte();
        drain(reader);
        assertThat(recorded(STALLED_WRITE)).singleElement().satisfies(stalled -> {
            assertThat(stalled.getLong("connection")).isEqualTo(writer.id());
            assertThat(stalled.getDuration()).isPositive();
        });
    }

    @Test
    void shouldRecordAStalledWriteWhenTheConnectionCloses() throws Exception {
        record(STALLED_WRITE);
        List<Collector> ends = open(Endpoint.memory("flight-cut"));
        Connection writer = ends.get(1).connection();
        onLoop(() -> {
            ends.get(0).connection().pauseReading();
            fill(writer);
            writer.close();
            return null;
        });
        assertThat(recorded(STALLED_WRITE))
                .singleElement()
                .satisfies(stalled -> assertThat(stalled.getLong("connection")).isEqualTo(writer.id()));
    }

    private static void fill(Connection writer) throws TransportException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        writer.write(bytes);
        assertThat(bytes.hasRemaining()).isTrue();
    }

    /** Reads until the writer has had its call for room. */
    private void drain(Connection reader) throws Exception {
        onLoop(() -> {
            while (reader.read(ByteBuffer.allocate(1 << 20)) > 0) {
                // on to the last
            }
            return null;
        });
        onLoop(() -> null);
    }

    @Test
    void shouldRecordASlowTurn() throws Exception {
        record(SLOW_TURN);
        onLoop(() -> clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(150)));
        await().until(() -> {
            onLoop(() -> null); // ends the turn before, if it does not still run in that one
            return !recorded(SLOW_TURN).isEmpty();
        });
        assertThat(recorded(SLOW_TURN)).singleElement().satisfies(turn -> {
            assertThat(turn.getString("loop")).startsWith("sluice-");
            assertThat(turn.getDuration("busy")).isEqualTo(Duration.ofMillis(150));
        });
    }

    @Test
    void shouldRecordTheOutcomeOfEachHandshake() throws Exception {
        record(HANDSHAKE);
        Connection connection = open(Endpoint.memory("flight-shake")).get(0).connection();
        HandshakeTrace good = HandshakeTrace.begin(connection, "good");
        good.completed();
        good.failed(Reason.TIMEOUT); // too late
        HandshakeTrace.begin(connection, "bad").failed(Reason.TIMEOUT);
        assertThat(recorded(HANDSHAKE))
                .extracting(e -> e.getLong("connection"), e -> e.getString("step"), e -> e.getString("outcome"))
                .containsExactly(tuple(connection.id(), "good", "COMPLETED"), tuple(connection.id(), "bad", "TIMEOUT"));
    }

    @Test
    void shouldRunWithoutTheFlightRecorder() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--limit-modules",
                        "java.base,jdk.net,jdk.unsupported",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        WithoutFlightRecorder.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(said).isZero();
    }

    /** What every event is about, in a runtime that has no events. */
    static final class WithoutFlightRecorder {
        private WithoutFlightRecorder() {}

        public static void main(String[] args) throws Exception {
            if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
                throw new IllegalStateException("the runtime has the flight recorder");
            }
            AtomicLong clock = new AtomicLong();
            try (EventLoopGroup group =
                    EventLoopGroup.builder().loops(1).nanoClock(clock::get).build()) {
                Collector server = Collector.silent();
                try (Listener listener = group.listen(Endpoint.memory("bare"), connection -> server)) {
                    Collector client = Collector.silent();
                    group.connect(listener.endpoint(), client, Duration.ofSeconds(10));
                    HandshakeTrace.begin(client.connection(), "bare").completed();
                    client.connection().loop().execute(() -> {
                        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
                        stallAndCut(server);
                    });
                    client.awaitClosed();
                }
            }
        }

        private static void stallAndCut(Collector server) {
            try {
                Connection connection = server.connection();
                connection.write(ByteBuffer.allocate(1 << 20));
                connection.abort(new TransportException(Reason.CANCELLED, "cut by a test"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
