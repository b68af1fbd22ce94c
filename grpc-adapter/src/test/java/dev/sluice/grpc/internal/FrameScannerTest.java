package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameScannerTest {
    private final List<String> frames = new ArrayList<>();
    private final FrameScanner scanner = new FrameScanner(
            24,
            (length, type, flags, stream, value) ->
                    frames.add(length + " " + type + " " + flags + " " + stream + " " + value));

    private static byte[] connection() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Http2Preface.PREFACE);
        frame(bytes, 0, 4, 0);
        frame(bytes, 70_000, 0, 1);
        frame(bytes, 3, 255, 255);
        frame(bytes, 0, 4, 1);
        frame(bytes, 4, 3, 0);
        bytes.writeBytes(new byte[] {0, 0, 5, 3, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5});
        frame(bytes, 0, 4, 1);
        return bytes.toByteArray();
    }

    private static void frame(ByteArrayOutputStream bytes, int length, int type, int flags) {
        bytes.writeBytes(new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length});
        bytes.writeBytes(new byte[] {(byte) type, (byte) flags, (byte) 0xff, 1, 2, 3});
        bytes.writeBytes(new byte[length]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 9, 10, 1000, 1 << 20})
    void shouldFindFramesHoweverTheyAreCut(int piece) {
        ByteBuffer bytes = ByteBuffer.wrap(connection());
        int end = bytes.limit();
        while (bytes.position() < end) {
            scanner.scan(bytes.limit(Math.min(bytes.position() + piece, end)));
        }
        assertThat(frames)
                .containsExactly(
                        "0 4 0 2130772483 0",
                        "70000 0 1 2130772483 0",
                        "3 255 255 2130772483 0",
                        "0 4 1 2130772483 0",
                        "4 3 0 2130772483 0",
                        "5 3 0 1 16909060",
                        "0 4 1 2130772483 0");
        assertThat(scanner.isBetweenFrames()).isTrue();
    }

    @Test
    void shouldStopAtTheEndOfEachFrame() {
        ByteBuffer bytes = ByteBuffer.wrap(connection());
        scanner.scan(bytes);
        assertThat(bytes.position()).isEqualTo(24);
        scanner.scan(bytes);
        assertThat(bytes.position()).isEqualTo(33);
        int end = bytes.limit();
        scanner.scan(bytes.limit(38));
        assertThat(scanner.isBetweenFrames()).isFalse();
        scanner.scan(bytes.limit(end));
        assertThat(bytes.position()).isEqualTo(33 + 70_009);
    }
}
