package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * Takes one {@link Frame} from a stream of bytes and never a byte more, because the next one belongs to the stream that
 * follows the handshake.
 *
 * <pre>
 *  PREFIX --4 bytes--> PAYLOAD --length bytes, at once if 0--> COMPLETE --payload()--> TAKEN
 * </pre>
 *
 * <p>Read into {@link #space()}, call {@link #advance()}, repeat until it says that the frame is complete. No memory is held
 * before the first byte, and what is held then grows with the bytes that came, not with the length that was announced.
 *
 * <p><b>Threading:</b> confined to its caller.
 */
public final class FrameReader {
    private static final int FIRST_PAYLOAD_BYTES = 4096;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private enum State {
        PREFIX,
        PAYLOAD,
        COMPLETE,
        TAKEN
    }

    private State state = State.PREFIX;
    private ByteBuffer buffer = NOTHING;
    private int payloadBytes;

    /**
     * Returns where the next bytes of the frame belong: at least one byte of room, and never more than the frame still lacks.
     * Valid until the next {@link #advance()}.
     *
     * @throws IllegalStateException if the frame is complete
     */
    public ByteBuffer space() {
        requireIncomplete();
        if (buffer.capacity() == 0) {
            buffer = ByteBuffer.allocate(Frame.PREFIX_BYTES);
        }
        return buffer;
    }

    /**
     * Takes in what was read into {@link #space()}, which may be nothing.
     *
     * @return whether the frame is complete
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if the announced length is over the limit
     */
    public boolean advance() throws TransportException {
        if (state == State.PREFIX) {
            advancePrefix();
        }
        if (state == State.PAYLOAD) {
            advancePayload();
        }
        return state.compareTo(State.COMPLETE) >= 0;
    }

    private void advancePrefix() throws TransportException {
        if (buffer.position() == 0) {
            buffer = NOTHING;
        } else if (!buffer.hasRemaining()) {
            long announced = Integer.toUnsignedLong(buffer.getInt(0));
            if (announced > Frame.MAX_PAYLOAD_BYTES) {
                throw new TransportException(Reason.PROTOCOL_ERROR, Frame.TOO_LARGE);
            }
            payloadBytes = (int) announced;
            buffer = ByteBuffer.allocate(Math.min(payloadBytes, FIRST_PAYLOAD_BYTES));
            state = State.PAYLOAD;
        }
    }

    private void advancePayload() {
        if (buffer.position() == payloadBytes) {
            state = State.COMPLETE;
        } else if (!buffer.hasRemaining()) {
            ByteBuffer larger = ByteBuffer.allocate(Math.min(payloadBytes, 2 * buffer.capacity()));
            buffer = larger.put(buffer.flip());
        }
    }

    /** Returns how much memory this holds now. */
    public int heldBytes() {
        return buffer.capacity();
    }

    /**
     * Returns the payload, once.
     *
     * @return owned by the caller; this reader forgets it
     * @throws IllegalStateException if the frame is not complete, or was taken before
     */
    public byte[] payload() {
        if (state != State.COMPLETE) {
            throw new IllegalStateException("frame reader: expected state COMPLETE, it is " + state);
        }
        byte[] payload = buffer.array();
        buffer = NOTHING;
        state = State.TAKEN;
        return payload;
    }

    /**
     * Says how a stream that ends now ends, in the words of the protocol's other implementation: {@code EOF} before a frame
     * or between its length and its payload, {@code unexpected EOF} inside either.
     *
     * @throws IllegalStateException if the frame is complete
     */
    public TransportException endOfInput() {
        requireIncomplete();
        return new TransportException(Reason.TRUNCATED, buffer.position() == 0 ? "EOF" : "unexpected EOF");
    }

    private void requireIncomplete() {
        if (state.compareTo(State.COMPLETE) >= 0) {
            throw new IllegalStateException("frame reader: expected an incomplete frame, its state is " + state);
        }
    }
}
