package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes, cut anywhere: the first byte says how they are cut, the rest is what the peer sends. The reader has to see what the plainest
 * reading of the frame's picture sees.
 */
class FrameReaderFuzzTest {
    private static final int MAX_PIECE_BYTES = 32;

    /** In the order of their numbers on the wire. */
    private static final List<FrameType> TYPES =
            List.of(FrameType.DATA, FrameType.WINDOW_UPDATE, FrameType.PING, FrameType.GO_AWAY);

    static Stream<byte[]> seeds() throws IOException {
        return Seeds.in("frames");
    }

    @MethodSource("seeds")
    @FuzzTest
    void shouldReadWhatIsThereHoweverItIsCut(byte[] input) {
        if (input.length == 0) {
            return;
        }
        ByteBuffer wire = ByteBuffer.wrap(input, 1, input.length - 1);
        Log expected = new Log();
        boolean whole = plainly(wire.slice(), expected);

        int pieceBytes = 1 + Math.floorMod(input[0], MAX_PIECE_BYTES);
        Log log = new Log();
        FrameReader reader = new FrameReader();
        boolean refused = !read(reader, wire, pieceBytes, log);

        assertThat(log.seen).isEqualTo(expected.seen);
        assertThat(refused).isEqualTo(expected.refused);
        if (!refused) {
            assertThat(reader.isBetweenFrames()).isEqualTo(whole);
        }
    }

    /** Returns false if the reader refused something, which is a breach of the protocol and nothing else. */
    private static boolean read(FrameReader reader, ByteBuffer wire, int pieceBytes, Log log) {
        try {
            while (wire.hasRemaining()) {
                ByteBuffer piece = wire.duplicate();
                piece.limit(piece.position() + Math.min(pieceBytes, wire.remaining()));
                wire.position(piece.limit());
                reader.read(piece, log);
                assertThat(piece.hasRemaining()).isFalse();
            }
            return true;
        } catch (TransportException e) {
            assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
            return false;
        }
    }

    /** Reads with all at hand. Returns whether the last frame is whole. */
    private static boolean plainly(ByteBuffer wire, Log log) {
        while (wire.remaining() >= Frame.HEADER_BYTES) {
            if (wire.get() != 0) {
                log.refused = true;
                return false;
            }
            int type = wire.get();
            if (type < 0 || type > 3) {
                log.refused = true;
                return false;
            }
            int flags = wire.getShort() & 0xF;
            long streamId = wire.getInt() & 0xFFFF_FFFFL;
            long length = wire.getInt() & 0xFFFF_FFFFL;
            log.onHeader(TYPES.get(type), flags, streamId, length);
            long payload = type == 0 ? length : 0;
            while (payload > 0 && wire.hasRemaining()) {
                log.onByte(wire.get());
                payload--;
            }
            if (payload > 0) {
                return false;
            }
            log.onFrameEnd();
        }
        return !wire.hasRemaining();
    }

    /** What was seen, payload byte by byte: how it came in pieces is nobody's business. */
    private static final class Log implements FrameReader.Visitor {
        final List<String> seen = new ArrayList<>();
        boolean refused;

        @Override
        public void onHeader(FrameType type, int flags, long streamId, long length) {
            seen.add(Frame.describe(type, flags, streamId, length));
        }

        @Override
        public void onPayload(ByteBuffer piece) {
            assertThat(piece.hasRemaining()).isTrue();
            while (piece.remaining() > piece.limit() % 2) { // now and then it leaves a byte, which has to be skipped
                onByte(piece.get());
            }
            if (piece.hasRemaining()) {
                onByte(piece.get(piece.position()));
            }
        }

        void onByte(byte b) {
            seen.add(Byte.toString(b));
        }

        @Override
        public void onFrameEnd() {
            seen.add("end");
        }
    }
}
