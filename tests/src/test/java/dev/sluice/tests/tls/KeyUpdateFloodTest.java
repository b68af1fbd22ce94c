package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Side;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import dev.sluice.tls.internal.TlsConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A peer that asks for new keys again and again and never reads the answers: each costs this side work and an answer of its own
 * (RFC 8446, section 4.6.3). It must not collect
 * answers without end, nor spin.
 */
class KeyUpdateFloodTest {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");
    /** More than a memory pipe holds answers for. */
    private static final int MOST_UPDATES = 100_000;

    private static final int UPDATES_PER_TURN = 100;

    private final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).name("flood").buffers(buffers).build();
    private final Recorder flooding = new Recorder();
    private final Recorder flooded = new Recorder();
    private Side client;
    private Side server;

    @BeforeEach
    void connect() throws Exception {
        Endpoint address = Endpoint.memory("flood");
        Tls connecting = Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .build();
        try (Listener listener = group.listen(address.with(Tls.server(IDENTITY)), c -> flooded)) {
            Waiting.result(
                    group.connect(listener.endpoint().below().with(connecting), flooding, Duration.ofSeconds(20)));
            client = new Side(flooding.awaitAttached(), flooding);
            server = new Side(flooded.awaitAttached(), flooded);
        }
        client.run(Connection::pauseReading);
    }

    /** Floods until the condition holds. Returns how often the server took something. */
    private int floodUntil(BooleanSupplier enough) {
        AtomicInteger sent = new AtomicInteger();
        Waiting.until("the flood stops", () -> {
            int n = client.call(KeyUpdateFloodTest::floodOnce);
            return sent.addAndGet(n) > MOST_UPDATES || enough.getAsBoolean();
        });
        return sent.get();
    }

    private static int floodOnce(Connection connection) throws Exception {
        int sent = 0;
        for (int i = 0; i < UPDATES_PER_TURN; i++) {
            // Larger than what is collected, so that each is a record of its own.
            ByteBuffer bytes = ByteBuffer.allocate(3000);
            try {
                connection.write(bytes);
            } catch (TransportException e) {
                break; // it was cut, which who floods waits for
            }
            if (bytes.position() == 0) {
                break;
            }
            if (bytes.hasRemaining()) {
                throw new IllegalStateException("half a record was taken");
            }
            sent++;
            ((TlsConnection) connection).engine().beginHandshake();
        }
        return sent;
    }

    @Test
    void shouldCutThePeerWhenItsAnswersAreNotRead() throws Exception {
        floodUntil(flooded::isClosed);
        TransportException why = flooded.awaitClosed();
        assertThat(why.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(why).hasMessageContaining("does not read what this side has to say");
        client.abort(new TransportException(Reason.CANCELLED, "enough"));
        Waiting.until("nothing held any more", () -> buffers.outstandingBytes() == 0);
    }

    @Test
    void shouldStopReadingByBlockingCallsWhenItsAnswersAreNotRead() throws Exception {
        ByteStream stream = server.blocking();
        CompletableFuture<Long> read = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        read.complete(stream.inputStream().skip(Long.MAX_VALUE));
                    } catch (Exception e) {
                        read.completeExceptionally(e);
                    }
                },
                "flood-reader");
        reader.start();
        AtomicInteger waits = new AtomicInteger();
        long[] before = {0};
        int sent = floodUntil(() -> {
            boolean still = reader.getState() == Thread.State.WAITING
                    && server.connection().progress() == before[0];
            before[0] = server.connection().progress();
            return (still ? waits.incrementAndGet() : waits.getAndSet(0)) > 50;
        });
        assertThat(sent).as("updates until it stopped").isBetween(100, MOST_UPDATES - 1);
        assertThat(buffers.outstandingBytes()).as("bytes held on both sides").isLessThan(2 << 20);

        client.abort(new TransportException(Reason.CANCELLED, "enough"));
        assertThatThrownBy(() -> Waiting.result(read))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
        stream.close();
        reader.join();
    }

    @AfterEach
    void shouldLeaveNothingLent() {
        group.close();
        assertThat(buffers.outstanding()).isEmpty();
    }
}
