package dev.sluice.streamrpc.framed.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.CallStatus;
import dev.sluice.streamrpc.framed.internal.Messages.Incomplete;
import dev.sluice.streamrpc.framed.internal.Messages.LimitReached;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDecoderTest {
    private static final String NO_LIMIT = "1099511627776";

    private final MessageDecoder plain = new MessageDecoder(false);
    private final MessageDecoder extended = new MessageDecoder(true);

    private static byte[] read(MessageDecoder decoder, MessageKind kind, String hex) throws TransportException {
        decoder.begin(kind, Long.parseLong(NO_LIMIT));
        return Messages.read(decoder, Messages.bytes(hex), Integer.MAX_VALUE);
    }

    private static void assertRefused(
            MessageDecoder decoder, MessageKind kind, String hex, Reason reason, String text) {
        assertThatThrownBy(() -> read(decoder, kind, hex))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({
        "020100000000, ''",
        "020103000000_616263, abc",
        "02ff03000000_616263, abc",
        "020001000000_61_020102000000_6263, abc",
        "020003000000_616263_020100000000, abc",
        "020000000000_020103000000_616263, abc"
    })
    void shouldReadAMessageWhenBytesComeOneByOne(String frames, String text) throws TransportException {
        ByteBuffer wire = Messages.bytes(frames.replace("_", "") + "77");
        plain.begin(MessageKind.DOCUMENT, 3);

        byte[] payload = Messages.read(plain, wire, 1);

        assertThat(new String(payload, StandardCharsets.UTF_8)).isEqualTo(text);
        assertThat(wire.remaining()).as("bytes of what follows").isEqualTo(1);
        assertThat(plain.isWithinMessage()).isFalse();
    }

    @Test
    void shouldTakeAFullFrameWhenAnEmptyOneEndsTheMessage() throws TransportException {
        ByteBuffer wire = ByteBuffer.allocate(2 * 6 + (4 << 20));
        wire.put(Messages.bytes("020000004000")).position(6 + (4 << 20)).put(Messages.bytes("020100000000"));
        plain.begin(MessageKind.OCTETS, Long.MAX_VALUE);

        assertThat(Messages.read(plain, wire.flip(), 100_000)).hasSize(4 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff0100000000", "ff01ffffffff", "ff0000000000"})
    void shouldSayResetWhenOneComesWhateverItsLength(String frame) {
        assertRefused(plain, MessageKind.HEADER, frame, Reason.RESET, "reset frame observed on connection");
        assertRefused(extended, MessageKind.OCTETS, frame, Reason.RESET, "reset frame observed on connection");
    }

    @Test
    void shouldSayResetWhenOneComesBetweenTwoFrames() {
        assertRefused(
                plain, MessageKind.OCTETS, "0200 01000000 61 ff01 00000000", Reason.RESET, "reset frame observed");
    }

    @ParameterizedTest
    @CsvSource({
        "HEADER, 7701020000007b7d, unknown frame type 0x77",
        "HEADER, 0201020000007b7d, 'expected a frame of type 0x01, got 0x02'",
        "DOCUMENT, 0101020000007b7d, 'expected a frame of type 0x02, got 0x01'",
        "DOCUMENT, 030100000000, 'expected a frame of type 0x02, got 0x03'",
        "OCTETS, 030100000000, 'expected a frame of type 0x02, got 0x03'",
        "OCTETS, 100100000000, 'expected a frame of type 0x02, got 0x10'",
        "OCTETS, 000100000000, unknown frame type 0x00",
        "OCTETS, 020101004000, 'frame exceeds max payload length: it has 4194305 bytes, the protocol allows 4194304'",
        "HEADER, 0101ffffffff, frame exceeds max payload length: it has 4294967295 bytes"
    })
    void shouldRefuseWhatNobodyMaySend(MessageKind kind, String frame, String text) {
        assertRefused(plain, kind, frame, Reason.PROTOCOL_ERROR, text);
    }

    @ParameterizedTest
    @CsvSource({
        "DOCUMENT, 030100000000, 'expected a frame of type 0x02, got 0x03'",
        "HEADER, 030100000000, 'expected a frame of type 0x01, got 0x03'",
        "OCTETS, 020100000000, octets that end without a trailer",
        "OCTETS, 03000000000003010000, 'a trailer of 0 bytes and more'",
        "OCTETS, 030101100000, 'a trailer of 4097 bytes, expected one frame of at most 4096'",
        "OCTETS, 03010100000061, cannot read header",
        "HEADER, 10010100000000, a heartbeat of 1 bytes"
    })
    void shouldRefuseWhatNobodyMaySendWhenExtended(MessageKind kind, String frame, String text) {
        assertRefused(extended, kind, frame, Reason.PROTOCOL_ERROR, text);
    }

    @Test
    void shouldPassOverHeartbeatsWhenExtended() throws TransportException {
        assertThat(read(
                        extended,
                        MessageKind.DOCUMENT,
                        "1001 00000000 0200 01000000 61 1000 00000000 0201 01000000 62"))
                .isEqualTo(new byte[] {'a', 'b'});
    }

    @Test
    void shouldEndOctetsWhenTheTrailerIsEmpty() throws TransportException {
        assertThat(read(extended, MessageKind.OCTETS, "0200 01000000 61 0301 00000000"))
                .containsExactly('a');
        assertThat(extended.failure()).isEmpty();
    }

    @Test
    void shouldTellWhyOctetsFailedWhenTheTrailerSaysIt() throws Exception {
        byte[] trailer = CallHeader.error(CallStatus.ERROR, "disk on fire").encode();
        ByteBuffer wire = ByteBuffer.allocate(13 + trailer.length);
        wire.put(Messages.bytes("0200 01000000 61"))
                .put(Messages.bytes("0301"))
                .putInt(Integer.reverseBytes(trailer.length));
        extended.begin(MessageKind.OCTETS, 1);

        Messages.read(extended, wire.put(trailer).flip(), 1);

        assertThat(extended.failure().orElseThrow().toFailure())
                .hasMessage("StatusError: disk on fire")
                .hasFieldOrPropertyWithValue("status", CallStatus.ERROR);
    }

    @Test
    void shouldStopWhenAMessageHasMoreThanItsLimit() {
        plain.begin(MessageKind.DOCUMENT, 3);
        assertThatThrownBy(() -> Messages.read(plain, Messages.bytes("0200 02000000 6162 0201 02000000 6364"), 1))
                .isInstanceOf(LimitReached.class);
    }

    @Test
    void shouldGoOnWhenTheLimitIsLifted() throws TransportException {
        ByteBuffer wire = Messages.bytes("0200 02000000 6162 0201 02000000 6364");
        plain.begin(MessageKind.DOCUMENT, 0);
        assertThat(plain.next(wire)).isEqualTo(MessageDecoder.Step.OVER_LIMIT);

        plain.limit(4);

        assertThat(Messages.read(plain, wire, 1)).hasSize(4);
    }

    /** Defect 6: a body without a limit has none, neither after 2 GiB nor after 4. */
    @ParameterizedTest
    @EnumSource(names = {"DOCUMENT", "OCTETS"})
    void shouldGoOnWhenAMessageWithoutALimitHasMoreThan32BitsCanCount(MessageKind kind) throws TransportException {
        ByteBuffer full = Messages.bytes("0200 00004000");
        long frames = (1L << 32) / FrameHead.MAX_PAYLOAD_BYTES + 1;
        plain.begin(kind, Long.MAX_VALUE);
        for (long frame = 0; frame < frames; frame++) {
            assertThat(plain.next(full.rewind())).isEqualTo(MessageDecoder.Step.PAYLOAD);
            plain.took(plain.payloadBytes());
        }

        assertThat(plain.next(Messages.bytes("0201 00000000"))).isEqualTo(MessageDecoder.Step.END);
    }

    /** Defect 6: and a limit of more than 32 bits is one. */
    @Test
    void shouldStopWhenAMessageHasMoreThanALimitBeyond32Bits() throws TransportException {
        ByteBuffer full = Messages.bytes("0200 00004000");
        long limit = (1L << 32) + 1;
        plain.begin(MessageKind.OCTETS, limit);
        for (long bytes = 0; bytes + FrameHead.MAX_PAYLOAD_BYTES <= limit; bytes += FrameHead.MAX_PAYLOAD_BYTES) {
            assertThat(plain.next(full.rewind())).isEqualTo(MessageDecoder.Step.PAYLOAD);
            plain.took(plain.payloadBytes());
        }

        assertThat(plain.next(full.rewind())).isEqualTo(MessageDecoder.Step.OVER_LIMIT);
    }

    @Test
    void shouldRefuseEmptyFramesWhenThereIsNoEndOfThem() throws TransportException {
        String empty = "020000000000";
        String atTheLimit = empty.repeat(MessageDecoder.MAX_EMPTY_FRAMES);

        assertThat(read(plain, MessageKind.DOCUMENT, atTheLimit + "020100000000"))
                .isEmpty();
        assertRefused(plain, MessageKind.DOCUMENT, atTheLimit + empty, Reason.PROTOCOL_ERROR, "1024 empty frames");
    }

    @Test
    void shouldPassOverTheSurplusFrameWhenAHeaderIsAsLongAsItMayBe() throws TransportException {
        byte[] header = new byte[CallHeader.MAX_BYTES];
        ByteBuffer wire = ByteBuffer.allocate(6 + header.length + 6 + 7);
        wire.put(Messages.bytes("0101 00100000")).put(header).put(Messages.bytes("0101 00000000 0201 01000000 61"));
        plain.begin(MessageKind.HEADER, CallHeader.MAX_BYTES);
        assertThat(Messages.read(plain, wire.flip(), 100)).hasSize(CallHeader.MAX_BYTES);

        plain.begin(MessageKind.DOCUMENT, 1);

        assertThat(Messages.read(plain, wire, 1)).containsExactly('a');
    }

    @Test
    void shouldRefuseAnEmptyHeaderInABodyWhenTheHeaderWasShorter() throws TransportException {
        read(plain, MessageKind.HEADER, "0101 02000000 7b7d");

        assertRefused(plain, MessageKind.DOCUMENT, "0101 00000000", Reason.PROTOCOL_ERROR, "got 0x01");
    }

    @Test
    void shouldRefuseToBeginWhenAMessageIsUnderWay() {
        plain.begin(MessageKind.HEADER, 1);

        assertThatIllegalStateException()
                .isThrownBy(() -> plain.begin(MessageKind.HEADER, 1))
                .withMessageContaining("HEAD");
        assertThatIllegalStateException().isThrownBy(() -> plain.took(1));
    }

    @Test
    void shouldWantMoreWhenAnythingIsMissing() {
        String message = "0200 01000000 61 0201 01000000 62".replace(" ", "");
        for (int length = 0; length < message.length(); length += 2) {
            String part = message.substring(0, length);
            assertThatThrownBy(() -> read(new MessageDecoder(false), MessageKind.DOCUMENT, part))
                    .isInstanceOf(Incomplete.class);
        }
    }

    @Property(tries = 200)
    void shouldReadWhatWasWrittenWhenFramesAndChunksAreOfAnySize(
            @ForAll @IntRange(max = 9_000) int length,
            @ForAll @IntRange(min = 1, max = 5_000) int frame,
            @ForAll @IntRange(min = 1, max = 6_000) int chunk,
            @ForAll long seed)
            throws TransportException {
        byte[] payload = new byte[length];
        new Random(seed).nextBytes(payload);
        ByteBuffer wire = ByteBuffer.allocate(length + (length / frame + 1) * FrameHead.BYTES);
        int at = 0;
        do {
            int n = Math.min(frame, length - at);
            FrameHead.put(wire, FrameType.DATA, at + n == length, n);
            wire.put(payload, at, n);
            at += n;
        } while (at < length);
        MessageDecoder decoder = new MessageDecoder(false);
        decoder.begin(MessageKind.DOCUMENT, length);

        assertThat(Messages.read(decoder, wire.flip(), chunk)).isEqualTo(payload);
        assertThat(wire.hasRemaining()).isFalse();
    }
}
