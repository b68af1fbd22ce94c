package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameOutputTest {
    private static final byte[] PING = Http2Frames.ping(7);
    private static final byte[] GOAWAY = Http2Frames.goAway(11, "calm");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private int ends;
    private final FrameOutput output = new FrameOutput(0, (length, type, flags, stream, value) -> {}) {
        @Override
        void put(byte[] bytes, int offset, int length) {
            written.write(bytes, offset, length);
        }

        @Override
        void end() {
            ends++;
        }
    };

    private static byte[] data(int length) {
        byte[] frame = new byte[9 + length];
        frame[1] = (byte) (length >> 8);
        frame[2] = (byte) length;
        for (int i = 9; i < frame.length; i++) {
            frame[i] = (byte) i;
        }
        return frame;
    }

    private static byte[] all(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void shouldInsertAtOnceBetweenFrames() throws IOException {
        output.write(data(5));
        output.insert(PING);
        output.write(data(6));
        assertThat(written.toByteArray()).isEqualTo(all(data(5), PING, data(6)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 9, 10, 300})
    void shouldInsertOnceTheFrameUnderWayIsComplete(int cut) throws IOException {
        byte[] frame = data(300);
        output.write(frame, 0, cut);
        output.insert(PING);
        assertThat(written.size()).isEqualTo(cut);
        byte[] rest = all(frame, data(7), data(8));
        output.write(rest, cut, rest.length - cut);
        assertThat(written.toByteArray()).isEqualTo(all(frame, PING, data(7), data(8)));
        assertThat(ends).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 309})
    void shouldEndAfterTheFrameUnderWayAndDropTheRest(int cut) throws IOException {
        byte[] frame = data(300);
        output.write(frame, 0, cut);
        output.endWith(GOAWAY);
        byte[] rest = all(frame, data(7));
        output.write(rest, cut, rest.length - cut);
        output.write(data(8));
        output.insert(PING);
        output.endWith(GOAWAY);
        assertThat(written.toByteArray()).isEqualTo(all(frame, GOAWAY));
        assertThat(ends).isOne();
    }

    @Test
    void shouldEndWithTheLastWordEvenIfAnotherFrameWaits() throws IOException {
        output.write(data(5), 0, 3);
        output.insert(PING);
        output.endWith(GOAWAY);
        output.write(data(5), 3, 11);
        assertThat(written.toByteArray()).isEqualTo(all(data(5), GOAWAY));
    }
}
