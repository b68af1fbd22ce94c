package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden bytes of section 3 of docs/sidechannel.md, out. */
class PacketsTest {
    private static Packets.Source source(byte[] payload) {
        InputStream left = new ByteArrayInputStream(payload);
        return dst -> {
            byte[] piece = new byte[dst.remaining()];
            int n = left.read(piece);
            dst.put(piece, 0, Math.max(0, n));
            return n;
        };
    }

    /** All packets of a payload, made in buffers of a size. */
    private static String packets(byte[] payload, int bufferBytes) throws IOException {
        Packets.Source source = source(payload);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (long sent = 0; sent < payload.length; ) {
            ByteBuffer packets = ByteBuffer.allocate(bufferBytes);
            sent += Packets.fill(packets, source, payload.length - sent);
            all.write(packets.array(), 0, packets.position());
        }
        return all.toString(StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"h, 0005h", "hello, 0009hello", "hello this world, 0014hello this world"})
    void shouldPutSmallWritesIntoOnePacketEach(String payload, String packets) throws IOException {
        assertThat(packets(ascii(payload), 1 << 18)).isEqualTo(packets);
    }

    @Test
    void shouldFillAPacketWithAtMost65516Bytes() throws IOException {
        String full = "a".repeat(65_516);
        assertThat(packets(ascii(full), 1 << 18)).isEqualTo("fff0" + full);
        assertThat(packets(ascii(full + "b"), 1 << 18)).isEqualTo("fff0" + full + "0005b");
    }

    @Test
    void shouldStartNoShortPacketOnlyBecauseTheBufferEnds() throws IOException {
        String full = "a".repeat(65_516);
        String five = full.repeat(5);
        // four packets leave 64 bytes of 256 KiB
        assertThat(packets(ascii(five), 1 << 18)).isEqualTo(("fff0" + full).repeat(5));
    }

    @Test
    void shouldMakeSmallPacketsWhereMemoryIsScarce() throws IOException {
        String payload = "a".repeat(4092 + 10);
        assertThat(packets(ascii(payload), 4096)).isEqualTo("1000" + "a".repeat(4092) + "000e" + "a".repeat(10));
    }

    @Test
    void shouldSayHowMuchThereIsWhenTheSourceEndsEarly() throws IOException {
        ByteBuffer packets = ByteBuffer.allocate(100);
        assertThat(Packets.fill(packets, source(ascii("hello")), 50)).isEqualTo(5);
        assertThat(new String(packets.array(), 0, packets.position(), StandardCharsets.US_ASCII))
                .isEqualTo("0009hello");
    }

    @Test
    void shouldEndWithFourZeros() {
        assertThat(HexFormat.of().formatHex(Packets.end().array())).isEqualTo("30303030");
    }
}
