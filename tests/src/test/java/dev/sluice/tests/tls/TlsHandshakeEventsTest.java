package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder gets to know of TLS handshakes. */
class TlsHandshakeEventsTest extends TlsServerFixture {
    private static final String HANDSHAKE = "dev.sluice.Handshake";

    @TempDir
    Path directory;

    private final Recording recording = new Recording();

    @BeforeEach
    void start() throws Exception {
        serve();
        recording.enable(HANDSHAKE).withoutThreshold();
        recording.start();
    }

    @AfterEach
    void closeRecording() {
        recording.close();
    }

    private List<RecordedEvent> recorded() throws Exception {
        Path file = directory.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(HANDSHAKE))
                .toList();
    }

    @Test
    void shouldRecordAHandshakeBeforeTheStepsAboveIt() throws Exception {
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().read()).isPositive();
            List<RecordedEvent> events = recorded();
            assertThat(events)
                    .extracting(e -> e.getString("step"), e -> e.getString("outcome"))
                    .startsWith(tuple("tls", "COMPLETED"), tuple("detection", "COMPLETED"));
            assertThat(events.get(0).getDuration()).isPositive();
            assertThat(events.get(1).getString("local")).startsWith("tls://");
        }
    }

    @Test
    void shouldRecordAHandshakeThatFailed() throws Exception {
        try (Socket client = connect()) {
            client.getOutputStream().write(new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
            assertThat(isClosedByServer(client)).isTrue();
        }
        awaitAllClosed();
        assertThat(recorded())
                .extracting(e -> e.getString("step"), e -> e.getString("outcome"))
                .containsExactly(tuple("tls", "PROTOCOL_ERROR"));
    }
}
