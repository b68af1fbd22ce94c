package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
    private final FrameReader reader = new FrameReader();

    @ParameterizedTest
    @CsvSource({
        "00000000, ''",
        "00000005 68656c6c6f, 68656c6c6f",
        "0000001b 7b224d6574686f64223a22646f6573206e6f74206578697374227d, "
                + "7b224d6574686f64223a22646f6573206e6f74206578697374227d"
    })
    void shouldReadOneFrameWhenBytesComeOneByOne(String frame, String payload) throws TransportException {
        byte[] bytes = bytes(frame);

        for (int i = 0; i < bytes.length; i++) {
            reader.space().put(bytes[i]);
            assertThat(reader.advance()).isEqualTo(i == bytes.length - 1);
        }

        assertThat(HexFormat.of().formatHex(reader.payload())).isEqualTo(payload);
    }

    @Test
    void shouldLeaveTheStreamWhenBytesFollowTheFrame() throws TransportException {
        ByteBuffer wire = ByteBuffer.wrap(bytes("00000002 6869 00000000 73747265616d"));

        readFrame(reader, wire, Integer.MAX_VALUE);

        assertThat(FrameTest.hex(wire)).isEqualTo("0000000073747265616d");
    }

    @Property(tries = 200)
    void shouldReadWhatWasWrittenWhenChunksAreOfAnySize(
            @ForAll @IntRange(max = 20_000) int length,
            @ForAll @IntRange(min = 1, max = 9_000) int chunk,
            @ForAll long seed)
            throws TransportException {
        byte[] payload = randomBytes(length, seed);
        ByteBuffer wire = Frame.encode(payload);

        FrameReader fresh = new FrameReader();
        readFrame(fresh, wire, chunk);

        assertThat(fresh.payload()).isEqualTo(payload);
        assertThat(wire.hasRemaining()).isFalse();
    }

    @Test
    void shouldReadWhenPayloadIsAtTheLimit() throws TransportException {
        byte[] payload = randomBytes(0xFFFFF, 1);

        readFrame(reader, Frame.encode(payload), 70_000);

        assertThat(reader.payload()).isEqualTo(payload);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00100000", "7fffffff", "80000000", "ffffffff"})
    void shouldRefuseWhenLengthIsOverTheLimit(String prefix) {
        reader.space().put(bytes(prefix));

        assertThatThrownBy(reader::advance)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR))
                .hasMessage("frame too large");
        // The prefix is all that was ever allocated.
        assertThat(reader.space().capacity()).isEqualTo(Frame.PREFIX_BYTES);
    }

    @Test
    void shouldHoldLittleWhenPeerAnnouncesMuchAndSendsNothing() throws TransportException {
        reader.space().put(bytes("000fffff"));

        assertThat(reader.advance()).isFalse();

        assertThat(reader.space().capacity()).isEqualTo(4096);
    }

    @Test
    void shouldHoldAtMostTwiceWhatCameWhenPayloadGrows() throws TransportException {
        reader.space().put(bytes("000fffff"));
        int came = 0;
        while (!reader.advance()) {
            assertThat(reader.space().capacity()).isLessThanOrEqualTo(Math.max(4096, 2 * came));
            came += Math.min(1000, reader.space().remaining());
            reader.space().put(new byte[Math.min(1000, reader.space().remaining())]);
        }

        assertThat(came).isEqualTo(0xFFFFF);
    }

    @Test
    void shouldHaveRoomWhenNothingCame() throws TransportException {
        for (int i = 0; i < 3; i++) {
            assertThat(reader.space().remaining()).isEqualTo(Frame.PREFIX_BYTES);
            assertThat(reader.advance()).isFalse();
        }
        reader.space().put((byte) 0);
        assertThat(reader.advance()).isFalse();
        assertThat(reader.space().remaining()).isEqualTo(Frame.PREFIX_BYTES - 1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', EOF",
        "00, unexpected EOF",
        "000000, unexpected EOF",
        "00000002, EOF",
        "00000002 68, unexpected EOF",
    })
    void shouldSayHowItEndedWhenInputEndsEarly(String bytes, String text) throws TransportException {
        for (byte b : bytes(bytes)) {
            reader.space().put(b);
            reader.advance();
        }

        TransportException end = reader.endOfInput();

        assertThat(end).hasMessage(text);
        assertThat(end.reason()).isEqualTo(Reason.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "00000001 68"})
    void shouldRefuseToGoOnWhenComplete(String frame) throws TransportException {
        readFrame(reader, ByteBuffer.wrap(bytes(frame)), Integer.MAX_VALUE);
        reader.payload();

        assertThat(reader.advance()).isTrue();
        assertThatThrownBy(reader::space).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reader::endOfInput).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reader::payload)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("TAKEN");
    }

    @Test
    void shouldRefuseThePayloadWhenIncomplete() {
        assertThatThrownBy(reader::payload)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PREFIX");
    }

    /** Reads like a transport: as much as there is and there is room for, but at most {@code chunk} bytes at a time. */
    private static void readFrame(FrameReader reader, ByteBuffer wire, int chunk) throws TransportException {
        do {
            ByteBuffer space = reader.space();
            int count = Math.min(chunk, Math.min(space.remaining(), wire.remaining()));
            assertThat(count).isPositive();
            space.put(wire.slice().limit(count));
            wire.position(wire.position() + count);
        } while (!reader.advance());
    }

    private static byte[] randomBytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
