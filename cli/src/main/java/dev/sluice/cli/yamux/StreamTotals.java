package dev.sluice.cli.yamux;

import dev.sluice.yamux.internal.Flags;
import dev.sluice.yamux.internal.FrameType;

/** What one side said of a stream. */
final class StreamTotals {
    private long frames;
    private long dataBytes;
    private long windowBytes;
    private int flagsSeen;

    void add(FrameType type, int flags, long length) {
        frames++;
        flagsSeen |= flags;
        if (type == FrameType.DATA) {
            dataBytes += length;
        } else if (!Flags.isSet(flags, Flags.RST)) {
            windowBytes += length;
        }
    }

    boolean isEmpty() {
        return frames == 0;
    }

    @Override
    public String toString() {
        return frames + " frames, " + dataBytes + " bytes of data, window +" + windowBytes + ", flags "
                + Flags.describe(flagsSeen);
    }
}
