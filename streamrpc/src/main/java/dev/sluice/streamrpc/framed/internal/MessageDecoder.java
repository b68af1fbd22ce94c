package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds messages in bytes that come in any pieces (docs/framed-rpc.md, sections 2 and 5). Payload is left where it is: this says how much of
 * it comes next, and whoever takes it, from the bytes at hand or from further below, says so.
 *
 * <pre>
 *  BETWEEN --begin--> HEAD --> PAYLOAD --last--> BETWEEN
 *                     ^  |        |
 *                     |  |        +-- not last --> HEAD
 *                     |  +-- trailer --> TRAILER --last--> BETWEEN
 *                     +-- heartbeat
 * </pre>
 *
 * <p>What no peer may send throws, and this is of no use from then on. Holds six bytes, and what a trailer says. Confined to its caller.
 */
final class MessageDecoder {
    /** What a caller has to do next. */
    enum Step {
        /** Call again with more bytes; all that were there are taken. */
        NEEDS_BYTES,
        /** Take some of {@link #payloadBytes()}, tell {@link #took}, call again. */
        PAYLOAD,
        /** The frame at hand goes beyond the limit: give up, or raise that by {@link #limit}. */
        OVER_LIMIT,
        /** The message is complete. */
        END
    }

    private enum State {
        BETWEEN,
        HEAD,
        PAYLOAD,
        TRAILER
    }

    /**
     * Frames without payload that do not end their message are of no use to anybody, and a peer could send them for ever.
     */
    static final int MAX_EMPTY_FRAMES = 1024;

    /** What a reset means: it carries no word of its own. */
    static final String RESET_TEXT =
            "reset frame observed on connection: the peer gave up: it refused the connection, stops,"
                    + " or could not go on";

    private final boolean extended;
    private final byte[] head = new byte[FrameHead.BYTES];
    private int headBytes;
    private State state = State.BETWEEN;
    private MessageKind kind = MessageKind.HEADER;
    private long limitBytes;
    private long messageBytes;
    private int emptyFrames;
    private boolean last;
    private int payloadBytes;
    private byte[] trailer = {};
    private int trailerBytes;
    private Optional<CallHeader> failure = Optional.empty();
    /** A header of exactly the limit has come: the peer may send an empty one behind it, as the protocol's first implementation did. */
    private boolean surplusHeader;

    /** @param extended whether both sides have announced the extensions */
    MessageDecoder(boolean extended) {
        this.extended = extended;
    }

    /**
     * Begins the next message.
     *
     * @param expected what has to come; anything else is a protocol error
     * @param maxBytes of payload, in all frames together
     */
    void begin(MessageKind expected, long maxBytes) {
        if (state != State.BETWEEN) {
            throw new IllegalStateException(
                    "expected to be between two messages, am in the " + state + " of a " + kind);
        }
        kind = expected;
        limitBytes = maxBytes;
        messageBytes = 0;
        emptyFrames = 0;
        failure = Optional.empty();
        state = State.HEAD;
    }

    /** Sets how many bytes the message that is under way may have. */
    void limit(long maxBytes) {
        limitBytes = maxBytes;
    }

    /** Returns how many bytes the message that was begun last may have. */
    long limitBytes() {
        return limitBytes;
    }

    /** Returns whether a message has begun and not ended: whether bytes that come belong to it. */
    boolean isWithinMessage() {
        return state != State.BETWEEN;
    }

    /** Returns whether nothing of the message that was begun has come yet. */
    boolean isBeforeFirstByte() {
        return state == State.HEAD && headBytes == 0 && messageBytes == 0 && emptyFrames == 0;
    }

    /** Returns how much of the frame's payload was not yet taken. */
    int payloadBytes() {
        return payloadBytes;
    }

    /** Bytes of payload were taken. */
    void took(int bytes) {
        if (state != State.PAYLOAD || bytes < 0 || bytes > payloadBytes) {
            throw new IllegalStateException("took " + bytes + " bytes where " + payloadBytes + " are, in " + state);
        }
        payloadBytes -= bytes;
    }

    /** Returns what the trailer of the message that has ended said, if its sender failed. */
    Optional<CallHeader> failure() {
        return failure;
    }

    /**
     * Goes on.
     *
     * @param in heads are taken from it, and trailers; payload is not
     * @throws TransportException with {@link Reason#RESET} if the peer has given up, with {@link Reason#PROTOCOL_ERROR} if it breaks the
     *     protocol
     */
    Step next(ByteBuffer in) throws TransportException {
        while (true) {
            switch (state) {
                case BETWEEN -> {
                    return Step.END;
                }
                case HEAD -> {
                    if (!readHead(in)) {
                        return Step.NEEDS_BYTES;
                    }
                }
                case PAYLOAD -> {
                    if (messageBytes > limitBytes) {
                        return Step.OVER_LIMIT;
                    }
                    if (payloadBytes > 0) {
                        return Step.PAYLOAD;
                    }
                    endOfFrame();
                }
                case TRAILER -> {
                    if (!readTrailer(in)) {
                        return Step.NEEDS_BYTES;
                    }
                }
            }
        }
    }

    private void endOfFrame() {
        if (last) {
            surplusHeader = kind == MessageKind.HEADER && messageBytes == CallHeader.MAX_BYTES;
            state = State.BETWEEN;
        } else {
            state = State.HEAD;
        }
    }

    private boolean readHead(ByteBuffer in) throws TransportException {
        int n = Math.min(in.remaining(), FrameHead.BYTES - headBytes);
        in.get(head, headBytes, n);
        headBytes += n;
        if (headBytes < FrameHead.BYTES) {
            return false;
        }
        headBytes = 0;
        frame(ByteBuffer.wrap(head));
        return true;
    }

    private void frame(ByteBuffer bytes) throws TransportException {
        int code = Byte.toUnsignedInt(bytes.get());
        boolean flagged = bytes.get() != 0;
        long length = Integer.toUnsignedLong(Integer.reverseBytes(bytes.getInt()));
        FrameType type = FrameType.of(code)
                .orElseThrow(() -> broken(String.format(Locale.ROOT, "unknown frame type 0x%02x", code)));
        if (type == FrameType.RESET) { // whatever its length
            throw new TransportException(Reason.RESET, RESET_TEXT);
        }
        if (length > FrameHead.MAX_PAYLOAD_BYTES) {
            throw broken("frame exceeds max payload length: it has " + length + " bytes, the protocol allows "
                    + FrameHead.MAX_PAYLOAD_BYTES);
        }
        if (type == FrameType.HEARTBEAT && extended) {
            if (length > 0) {
                throw broken("a heartbeat of " + length + " bytes, expected none");
            }
        } else if (type == FrameType.TRAILER && extended && kind == MessageKind.OCTETS) {
            beginTrailer(flagged, (int) length);
        } else if (isSurplusHeader(type, flagged, length)) {
            surplusHeader = false;
        } else if (type == kind.type()) {
            beginPayload(flagged, (int) length);
        } else {
            throw broken(String.format(
                    Locale.ROOT,
                    "expected a frame of type 0x%02x, got 0x%02x",
                    kind.type().code(),
                    code));
        }
    }

    private boolean isSurplusHeader(FrameType type, boolean flagged, long length) {
        return surplusHeader && messageBytes == 0 && type == FrameType.HEADER && flagged && length == 0;
    }

    private void beginPayload(boolean flagged, int length) throws TransportException {
        if (flagged && extended && kind == MessageKind.OCTETS) {
            throw broken("octets that end without a trailer");
        }
        if (length == 0 && !flagged && ++emptyFrames > MAX_EMPTY_FRAMES) {
            throw broken("more than " + MAX_EMPTY_FRAMES + " empty frames in a message");
        }
        surplusHeader = false;
        last = flagged;
        payloadBytes = length;
        messageBytes += length;
        state = State.PAYLOAD;
    }

    private void beginTrailer(boolean flagged, int length) throws TransportException {
        if (!flagged || length > CallHeader.MAX_BYTES) {
            throw broken("a trailer of " + length + " bytes" + (flagged ? "" : " and more")
                    + ", expected one frame of at most " + CallHeader.MAX_BYTES);
        }
        trailer = new byte[length];
        trailerBytes = 0;
        state = State.TRAILER;
    }

    private boolean readTrailer(ByteBuffer in) throws TransportException {
        int n = Math.min(in.remaining(), trailer.length - trailerBytes);
        in.get(trailer, trailerBytes, n);
        trailerBytes += n;
        if (trailerBytes < trailer.length) {
            return false;
        }
        if (trailer.length > 0) {
            failure = Optional.of(CallHeader.parse(trailer));
        }
        state = State.BETWEEN;
        return true;
    }

    private static TransportException broken(String text) {
        return new TransportException(Reason.PROTOCOL_ERROR, text);
    }
}
