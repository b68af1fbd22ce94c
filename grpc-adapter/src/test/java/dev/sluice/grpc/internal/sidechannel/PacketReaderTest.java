package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden bytes of section 3 of docs/sidechannel.md, in, in pieces of every size. */
class PacketReaderTest {
    /** Gives at most so many bytes at a time, then the end. */
    private static PacketReader reader(String input, int pieceBytes) {
        ByteBuffer left = ByteBuffer.wrap(input.getBytes(StandardCharsets.ISO_8859_1));
        return new PacketReader(dst -> {
            if (!left.hasRemaining()) {
                return -1;
            }
            int n = Math.min(Math.min(pieceBytes, left.remaining()), dst.remaining());
            dst.put(left.slice(left.position(), n));
            left.position(left.position() + n);
            return n;
        });
    }

    private static String readAll(PacketReader reader, int bufferBytes) throws TransportException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(bufferBytes);
        while (reader.read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "0000, ''",
        "00040000, ''",
        "0005h0000, h",
        "0009hello00040005!0000, hello!",
        "000800000000, 0000",
        "0009hello0000what follows is nobody's, hello"
    })
    void shouldReadPayloadUntilTheEnd(String input, String payload) throws TransportException {
        for (int pieceBytes = 1; pieceBytes <= input.length(); pieceBytes++) {
            assertThat(readAll(reader(input, pieceBytes), 1)).isEqualTo(payload);
            assertThat(readAll(reader(input, pieceBytes), 100)).isEqualTo(payload);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 65_536, 1 << 20})
    void shouldReadTheLargestPackets(int bufferBytes) throws TransportException {
        String payload = "p".repeat(65_516);
        String input = ("fff0" + payload).repeat(2) + "0000";
        assertThat(readAll(reader(input, input.length()), bufferBytes)).isEqualTo(payload + payload);
    }

    @ParameterizedTest
    @CsvSource({
        "0001, 'sidechannel: invalid header 1', PROTOCOL_ERROR",
        "0002, 'sidechannel: invalid header 2', PROTOCOL_ERROR",
        "0003, 'sidechannel: invalid header 3', PROTOCOL_ERROR",
        "fff1, 'token too long', PROTOCOL_ERROR",
        "ffff, 'token too long', PROTOCOL_ERROR",
        "00g0, 'pktLineSplitter: decode length: \"00g0\"', PROTOCOL_ERROR",
        "000A, 'pktLineSplitter: decode length: \"000A\"', PROTOCOL_ERROR",
        "+005h, 'pktLineSplitter: decode length: \"+005\"', PROTOCOL_ERROR",
        "-001, 'pktLineSplitter: decode length: \"-001\"', PROTOCOL_ERROR",
        "'', 'sidechannel: unexpected EOF', TRUNCATED",
        "0009hello, 'sidechannel: unexpected EOF', TRUNCATED",
        "0009hell, 'sidechannel: unexpected EOF', TRUNCATED",
        "0009, 'sidechannel: unexpected EOF', TRUNCATED",
        "0, 'pktLineSplitter: incomplete length prefix on \"0\"', TRUNCATED",
        "00, 'pktLineSplitter: incomplete length prefix on \"00\"', TRUNCATED",
        "'0009hello00\u0001', 'pktLineSplitter: incomplete length prefix on \"00\\x01\"', TRUNCATED",
    })
    void shouldFailAndStayFailed(String input, String text, Reason reason) {
        for (int pieceBytes = 1; pieceBytes <= Math.max(1, input.length()); pieceBytes++) {
            PacketReader reader = reader(input + (reason == Reason.TRUNCATED ? "" : "0005h0000"), pieceBytes);
            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(() -> readAll(reader, 10))
                        .hasMessageStartingWith(text)
                        .isInstanceOfSatisfying(
                                TransportException.class,
                                e -> assertThat(e.reason()).isEqualTo(reason));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0005h0000", "0005h00000005i0000", "0005h0000garbage"})
    void shouldStayAtTheEndWhateverFollows(String input) throws TransportException {
        PacketReader reader = reader(input, 3);
        assertThat(readAll(reader, 10)).isEqualTo("h");
        assertThat(readAll(reader, 10)).isEmpty();
    }
}
