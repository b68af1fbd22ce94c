package dev.sluice.streamrpc.framed.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How messages become calls of the connection, one by one: the peer is a stream that keeps them, or fails. */
class MessageOutputTest {
    private static final byte[] HEADER = bytes("{}\n");
    private static final byte[] BODY = bytes("{\"A\":\"hi\"}\n");
    private static final String HEADER_FRAME = "010103000000" + "7b7d0a";
    private static final String BODY_FRAME = "02010b000000" + "7b2241223a226869227d0a";

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private Listener listener;
    private Script stream;
    private MessageOutput output;

    @BeforeEach
    void connect() throws Exception {
        listener = group.listen(Endpoint.memory("message-output-test"), connection -> new Ignored());
        Connection connection = group.connect(listener.endpoint(), new Ignored(), Duration.ofSeconds(20))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        stream = new Script(connection);
        output = new MessageOutput(stream, false);
    }

    @AfterEach
    void shouldGiveAllBuffersBack() {
        try {
            assertThat(group.buffers().outstandingBytes()).isZero();
        } finally {
            listener.close();
            group.close();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A connection that nobody reads. */
    private static final class Ignored implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The test is over.
        }
    }

    /** Keeps what is written, write by write; from the one on that is to fail, all fail. */
    private static final class Script extends AbstractByteStream {
        private final List<String> writes = new ArrayList<>();
        private int failFrom = Integer.MAX_VALUE;

        Script(Connection connection) {
            super(connection);
        }

        @Override
        public int write(ByteBuffer source) throws TransportException {
            if (writes.size() >= failFrom) {
                throw new TransportException(Reason.RESET, "broken pipe");
            }
            byte[] bytes = new byte[source.remaining()];
            source.get(bytes);
            writes.add(HexFormat.of().formatHex(bytes));
            return bytes.length;
        }

        @Override
        public int read(ByteBuffer target) {
            throw new IllegalStateException("nothing is read");
        }

        @Override
        public void shutdownOutput() {
            throw new IllegalStateException("both directions end together");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing was opened.
        }

        @Override
        public void abort() {
            // Nothing was opened.
        }
    }

    /** Defect 13: head and payload, and all frames of a small message, go in one write. */
    @Test
    void shouldWriteOnceWhenAMessageIsSmall() throws IOException {
        output.header(HEADER);
        output.document(HEADER, BODY);
        output.octets(HEADER, Octets.of(BODY), failure -> {});

        assertThat(stream.writes).containsExactly(HEADER_FRAME, HEADER_FRAME + BODY_FRAME, HEADER_FRAME + BODY_FRAME);
    }

    /** Defect 4: the writer's side of it. */
    @Test
    void shouldWriteNoSurplusFrameWhenAHeaderIsAsLongAsItMayBe() throws TransportException {
        byte[] header = new byte[CallHeader.MAX_BYTES];

        output.header(header);

        assertThat(stream.writes)
                .containsExactly("010100100000" + HexFormat.of().formatHex(header));
    }

    /** Defect 8: what fails while a header is written is told, and there is no other message behind the broken one. */
    @Test
    void shouldFailWhenAHeaderCannotBeWritten() {
        stream.failFrom = 0;

        assertBroken(() -> output.header(HEADER));
    }

    /** Defect 8: likewise with a body. */
    @Test
    void shouldFailWhenAHeaderAndItsBodyCannotBeWritten() {
        stream.failFrom = 0;

        assertBroken(() -> output.document(HEADER, BODY));
    }

    /** Defect 8: a failure of any write counts, and above all that of the last one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldFailWhenAnyPartOfALargeBodyCannotBeWritten(int write) throws TransportException {
        byte[] large = new byte[2 * FrameWriter.BUFFER_BYTES];
        output.document(HEADER, large);
        assertThat(stream.writes).hasSize(3);
        stream.writes.clear();
        stream.failFrom = write;

        assertBroken(() -> output.document(HEADER, large));
    }

    /** Defect 8: the source of octets is not what failed, and is not told so. */
    @Test
    void shouldFailWhenOctetsCannotBeWritten() {
        stream.failFrom = 0;
        List<Throwable> failures = new ArrayList<>();

        assertBroken(() -> output.octets(HEADER, Octets.of(BODY), failures::add));

        assertThat(failures).isEmpty();
    }

    private void assertBroken(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET))
                .hasMessage("broken pipe");
        assertThat(output.isBetweenMessages()).isFalse();
    }
}
