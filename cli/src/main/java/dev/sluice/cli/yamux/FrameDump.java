package dev.sluice.cli.yamux;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.internal.Flags;
import dev.sluice.yamux.internal.Frame;
import dev.sluice.yamux.internal.FrameReader;
import dev.sluice.yamux.internal.FrameType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes what one direction of a yamux session says, a line for each frame. Takes bytes as they come, and keeps none but those of the payload that is
 * to be shown. What the {@code out} throws comes out of each method as an {@link UncheckedIOException}.
 */
public final class FrameDump {
    /** What stands before the first frame where yamux shares a port. */
    private static final byte[] MAGIC = "backchannel".getBytes(StandardCharsets.US_ASCII);

    /** Streams that have totals of their own; the others are counted as one, for a capture may have any number. */
    static final int MOST_STREAMS = 10_000;

    private final Writer out;
    private final byte[] shown;
    private final FrameReader reader = new FrameReader();
    private final Visitor visitor = new Visitor();
    private final Map<Long, StreamTotals> totals = new LinkedHashMap<>();
    private final StreamTotals others = new StreamTotals();

    /** How much of the magic was there; it is over, or was never there, once {@code magicDone}. */
    private int magicSeen;

    private boolean magicDone;
    private long offset;
    private long frameAt;
    private long frames;
    private long payloadLeft;
    private int shownBytes;

    /**
     * Writes to {@code out}.
     *
     * @param payloadBytes how many bytes of each payload are shown, at most
     */
    public FrameDump(Writer out, int payloadBytes) {
        this.out = out;
        shown = new byte[payloadBytes];
        row("offset", "type", "flags", "stream", "length", "");
    }

    /**
     * Takes all of {@code bytes}.
     *
     * @throws TransportException if there is a malformed frame; it says where
     */
    public void read(ByteBuffer bytes) throws TransportException {
        skipMagic(bytes);
        try {
            reader.read(bytes, visitor);
        } catch (TransportException e) {
            throw new TransportException(e.reason(), "malformed frame at offset " + offset + ": " + e.getMessage(), e);
        }
    }

    /**
     * There is no more.
     *
     * @throws TransportException if the last frame is not whole; it says where that begins
     */
    public void end() throws TransportException {
        if (payloadLeft > 0) {
            showPayload();
            throw cut(frameAt, payloadLeft + " bytes of its payload are missing");
        }
        if (!reader.isBetweenFrames()) {
            throw cut(offset, "part of its header is missing");
        }
        if (magicSeen > 0 && !magicDone) {
            throw cut(0, "it is the begin of 'backchannel', and nothing follows");
        }
    }

    /** Writes what there was of each stream, in the order in which they appeared. */
    public void totals() {
        line("");
        totals.forEach((streamId, total) -> line("stream " + streamId + ": " + total));
        if (!others.isEmpty()) {
            line("streams beyond the first " + MOST_STREAMS + ": " + others);
        }
        line(frames + " frames, " + offset + " bytes");
    }

    /** Lets go of what is not yet written. */
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void skipMagic(ByteBuffer bytes) throws TransportException {
        while (!magicDone && bytes.hasRemaining()) {
            byte next = bytes.get(bytes.position());
            if (next != MAGIC[magicSeen]) {
                if (magicSeen > 0) {
                    throw new TransportException(
                            Reason.PROTOCOL_ERROR, "malformed frame at offset 0: neither a frame nor 'backchannel'");
                }
                magicDone = true; // no frame begins as the magic does
                return;
            }
            bytes.get();
            magicSeen++;
            if (magicSeen == MAGIC.length) {
                magicDone = true;
                offset = MAGIC.length;
                row("0", "magic", "", "", "", "backchannel");
            }
        }
    }

    private static TransportException cut(long at, String what) {
        return new TransportException(Reason.TRUNCATED, "cut frame at offset " + at + ": " + what);
    }

    private StreamTotals totalsOf(long streamId) {
        StreamTotals known = totals.get(streamId);
        if (known == null && totals.size() < MOST_STREAMS) {
            known = new StreamTotals();
            totals.put(streamId, known);
        }
        return known == null ? others : known;
    }

    private void showPayload() {
        if (shownBytes > 0) {
            line(" ".repeat(12) + HexFormat.of().formatHex(shown, 0, shownBytes));
            shownBytes = 0;
        }
    }

    private void row(String at, String type, String flags, String streamId, String length, String hint) {
        String columns = "%10s  %-13s  %-15s  %10s  %10s  %s".formatted(at, type, flags, streamId, length, hint);
        line(columns.stripTrailing());
    }

    private void line(String text) {
        try {
            out.write(text);
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Visitor implements FrameReader.Visitor {
        @Override
        public void onHeader(FrameType type, int flags, long streamId, long length) {
            frameAt = offset;
            offset += Frame.HEADER_BYTES;
            frames++;
            payloadLeft = type == FrameType.DATA ? length : 0;
            if (type == FrameType.DATA || type == FrameType.WINDOW_UPDATE) {
                totalsOf(streamId).add(type, flags, length);
            }
            row(
                    Long.toString(frameAt),
                    type.name(),
                    Flags.describe(flags),
                    Long.toString(streamId),
                    Long.toString(length),
                    FrameMeaning.of(type, flags, streamId, length));
        }

        @Override
        public void onPayload(ByteBuffer piece) {
            offset += piece.remaining();
            payloadLeft -= piece.remaining();
            int more = Math.min(shown.length - shownBytes, piece.remaining());
            piece.get(shown, shownBytes, more);
            shownBytes += more;
        }

        @Override
        public void onFrameEnd() {
            showPayload();
        }
    }
}
