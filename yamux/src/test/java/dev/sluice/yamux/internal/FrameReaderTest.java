package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
    /** Every frame of the specification's examples, in one stream of bytes. */
    private static final String FRAMES =
            "000100010000000100000000 0001000100000001000c0000 000000000000000100000002 6869"
                    + " 000000010000000100000003 616263 000000020000005400000003 666f6f 000100000000000100020000"
                    + " 000100040000000100000000 000000040000000100000000 000000050000000100000003 616263"
                    + " 000100080000000100000007 000200010000000000000007 000200020000000000000007"
                    + " 00030000000000000000002a";

    private static final List<String> AS_READ = List.of(
            "WINDOW_UPDATE SYN stream 1 length 0",
            "WINDOW_UPDATE SYN stream 1 length 786432",
            "DATA - stream 1 length 2",
            "6869",
            "DATA SYN stream 1 length 3",
            "616263",
            "DATA ACK stream 84 length 3",
            "666f6f",
            "WINDOW_UPDATE - stream 1 length 131072",
            "WINDOW_UPDATE FIN stream 1 length 0",
            "DATA FIN stream 1 length 0",
            "DATA SYN|FIN stream 1 length 3",
            "616263",
            "WINDOW_UPDATE RST stream 1 length 7",
            "PING SYN stream 0 length 7",
            "PING ACK stream 0 length 7",
            "GO_AWAY - stream 0 length 42");

    private final FrameReader reader = new FrameReader();
    private final Log log = new Log();

    @Property(tries = 100)
    void shouldReadAllFramesWhenBytesAreCutAnywhere(@ForAll @IntRange(min = 1, max = 40) int chunk) throws Exception {
        ByteBuffer wire = ByteBuffer.wrap(Hex.bytes(FRAMES));
        FrameReader fresh = new FrameReader();
        Log seen = new Log();

        while (wire.hasRemaining()) {
            ByteBuffer piece = wire.slice().limit(Math.min(chunk, wire.remaining()));
            wire.position(wire.position() + piece.remaining());
            fresh.read(piece, seen);
            assertThat(piece.hasRemaining()).isFalse();
        }

        assertThat(seen.lines()).isEqualTo(AS_READ);
        assertThat(fresh.isBetweenFrames()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"ffff0000, 4294901760", "80000000, 2147483648", "ffffffff, 4294967295"})
    void shouldTakeIdsAndLengthsAsUnsigned(String number, long value) throws Exception {
        read("00010000 " + number + number);

        assertThat(log.lines()).containsExactly("WINDOW_UPDATE - stream " + value + " length " + value);
    }

    @Test
    void shouldIgnoreFlagsThatNobodyKnows() throws Exception {
        read("0001fff0 00000001 00000000");

        assertThat(log.lines()).containsExactly("WINDOW_UPDATE - stream 1 length 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"01000000 00000001 00000000", "ff000000 00000001 ffffffff"})
    void shouldRefuseAnotherVersion(String header) {
        refuses(header, "version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00040000 00000001 00000000", "00ff0000 00000001 ffffffff"})
    void shouldRefuseAnUnknownType(String header) {
        refuses(header, "type");
    }

    @Test
    void shouldKnowWhenItIsWithinAFrame() throws Exception {
        byte[] bytes = Hex.bytes("000000000000000100000002 6869");
        for (int i = 0; i < bytes.length; i++) {
            assertThat(reader.isBetweenFrames()).as("before byte " + i).isEqualTo(i == 0);
            reader.read(ByteBuffer.wrap(bytes, i, 1), log);
        }
        assertThat(reader.isBetweenFrames()).isTrue();
    }

    @Test
    void shouldPassPayloadOnAsItComesWhateverTheLengthSays() throws Exception {
        read("00000000 00000001 ffffffff 0102");
        read("03");

        assertThat(log.pieces).containsExactly("0102", "03");
        assertThat(log.frameEnds).isZero();
    }

    @Test
    void shouldSkipPayloadThatTheVisitorLeaves() throws Exception {
        List<String> headers = new ArrayList<>();
        reader.read(
                ByteBuffer.wrap(Hex.bytes("00000000 00000001 00000002 6869 00010000 00000003 00000004")),
                new FrameReader.Visitor() {
                    @Override
                    public void onHeader(FrameType type, int flags, long streamId, long length) {
                        headers.add(Frame.describe(type, flags, streamId, length));
                    }

                    @Override
                    public void onPayload(ByteBuffer piece) {
                        assertThat(piece.remaining()).isEqualTo(2);
                    }

                    @Override
                    public void onFrameEnd() {}
                });

        assertThat(headers).containsExactly("DATA - stream 1 length 2", "WINDOW_UPDATE - stream 3 length 4");
    }

    private void read(String hex) throws TransportException {
        reader.read(ByteBuffer.wrap(Hex.bytes(hex)), log);
    }

    private void refuses(String header, String what) {
        assertThatThrownBy(() -> read(header))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR))
                .hasMessageContaining(what);
        assertThat(log.lines()).isEmpty();
    }

    /** What was read, with the pieces of each payload put together. */
    private static final class Log implements FrameReader.Visitor {
        final List<String> pieces = new ArrayList<>();
        int frameEnds;
        private final List<String> lines = new ArrayList<>();
        private String payload = "";

        List<String> lines() {
            return lines;
        }

        @Override
        public void onHeader(FrameType type, int flags, long streamId, long length) {
            lines.add(Frame.describe(type, flags, streamId, length));
        }

        @Override
        public void onPayload(ByteBuffer piece) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            pieces.add(Hex.text(bytes));
            payload += Hex.text(bytes);
        }

        @Override
        public void onFrameEnd() {
            frameEnds++;
            if (!payload.isEmpty()) {
                lines.add(payload);
                payload = "";
            }
        }
    }
}
