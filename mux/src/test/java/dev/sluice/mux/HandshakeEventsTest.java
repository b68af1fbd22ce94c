package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder gets to know of the steps of a connection on its way in. */
class HandshakeEventsTest extends ServerFixture {
    private static final String HANDSHAKE = "dev.sluice.Handshake";

    @TempDir
    Path directory;

    private final Recording recording = new Recording();

    @BeforeEach
    void start() throws IOException {
        serve(s -> s.protocol(EchoProtocol.of("alpha", "test mux   "))
                .protocol(EchoProtocol.neverThrough("stalled", "test stall ")));
        recording.enable(HANDSHAKE).withoutThreshold();
        recording.start();
    }

    @AfterEach
    void closeRecording() {
        recording.close();
    }

    private List<RecordedEvent> recorded() throws IOException {
        Path file = directory.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(HANDSHAKE))
                .toList();
    }

    @Test
    void shouldRecordDetectionAndTheProtocolsHandshakeWhenBothAreThrough() throws IOException {
        try (Peer peer = connect()) {
            peer.send("test mux   !").read(7);
            assertThat(recorded())
                    .extracting(e -> e.getString("step"), e -> e.getString("outcome"))
                    .containsExactly(tuple("detection", "COMPLETED"), tuple("alpha", "COMPLETED"));
        }
        assertThat(recorded().stream().map(e -> e.getLong("connection")).distinct())
                .as("one connection")
                .hasSize(1);
    }

    @Test
    void shouldRecordWhereAndWhyAConnectionFailed() throws IOException {
        try (Peer unmatched = connect()) {
            assertThat(unmatched.send("nobody speaks this").isCutWithoutAWord()).isTrue();
        }
        try (Peer stalled = connect()) {
            stalled.send("test stall ").read(8);
            pass(HANDSHAKE_TIMEOUT);
            assertThat(stalled.isCutWithoutAWord()).isTrue();
        }
        assertThat(recorded())
                .extracting(e -> e.getString("step"), e -> e.getString("outcome"))
                .containsExactly(
                        tuple("detection", "PROTOCOL_ERROR"),
                        tuple("detection", "COMPLETED"),
                        tuple("stalled", "TIMEOUT"));
    }
}
