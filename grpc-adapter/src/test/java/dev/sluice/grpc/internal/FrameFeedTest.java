package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.grpc.Http2Limits;
import io.grpc.okhttp.internal.framed.FrameReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import okio.BufferedSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameFeedTest {
    private static final int END_HEADERS = 4;
    private static final int END_STREAM = 1;
    private static final int PADDED = 8;
    /** HPACK's table: {@code :method POST}, {@code :scheme http}, {@code :path /}. */
    private static final byte[] REQUEST = {(byte) 0x83, (byte) 0x86, (byte) 0x84};

    private final FrameFeed feed = new FrameFeed(new FrameGuard(Http2Limits.defaults(), 100, () -> 0));
    private final List<String> told = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Notes what it is told, and takes the bytes of DATA. */
    private final FrameReader.Handler handler = (FrameReader.Handler) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {FrameReader.Handler.class}, (self, method, arguments) -> {
                String what = method.getName();
                if (what.equals("data")) {
                    int length = (int) arguments[3];
                    ((BufferedSource) arguments[2]).skip(length);
                    what += " " + length;
                }
                told.add(what);
                return null;
            });

    private void frame(int type, int flags, int stream, byte[] payload) {
        bytes.writeBytes(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
    }

    private void begin() {
        bytes.writeBytes(Http2Preface.PREFACE);
        frame(Http2Frames.SETTINGS, 0, 0, new byte[0]);
    }

    private void feed(int piece) throws IOException {
        byte[] all = bytes.toByteArray();
        for (int at = 0; at < all.length; at += piece) {
            assertThat(feed.receive(ByteBuffer.wrap(all, at, Math.min(piece, all.length - at))))
                    .isEmpty();
            feed.deliver(handler);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 23, 100, 1 << 20})
    void shouldTellOfWholeFramesHoweverTheyAreCut(int piece) throws IOException {
        begin();
        frame(Http2Frames.HEADERS, 0, 1, REQUEST);
        frame(Http2Frames.CONTINUATION, 0, 1, new byte[0]);
        frame(Http2Frames.CONTINUATION, END_HEADERS, 1, REQUEST);
        frame(Http2Frames.DATA, END_STREAM, 1, new byte[16_384]);
        frame(99, 0, 1, new byte[3]);
        frame(Http2Frames.PING, 0, 0, new byte[8]);
        feed(piece);
        assertThat(told).containsExactly("settings", "headers", "data 16384", "ping");
    }

    @Test
    void shouldWaitForTheRestOfAHeaderBlock() throws IOException {
        begin();
        frame(Http2Frames.HEADERS, 0, 1, REQUEST);
        feed(1 << 20);
        assertThat(told).containsExactly("settings");
    }

    @Test
    void shouldRefuseAnotherFrameWithinAHeaderBlock() {
        begin();
        frame(Http2Frames.HEADERS, 0, 1, REQUEST);
        frame(Http2Frames.PING, 0, 0, new byte[8]);
        assertThatThrownBy(() -> feed(1 << 20)).isInstanceOf(IOException.class);
        assertThat(told).containsExactly("settings");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1 << 20})
    void shouldRefuseAFrameThatIsShorterThanItsFlagsSay(int piece) {
        begin();
        frame(Http2Frames.HEADERS, PADDED | END_HEADERS, 1, new byte[0]);
        frame(Http2Frames.PING, 0, 0, new byte[8]);
        assertThatThrownBy(() -> feed(piece)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldTakeNothingOfWhatBreaksALimit() throws IOException {
        begin();
        feed(1 << 20);
        assertThat(feed.receive(ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 1})))
                .contains(Http2Breach.FRAME_BYTES);
    }
}
