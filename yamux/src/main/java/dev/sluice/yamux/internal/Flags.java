package dev.sluice.yamux.internal;

/**
 * The flags of a frame. Any mix may be received, on {@link FrameType#DATA} and {@link FrameType#WINDOW_UPDATE} alike; never is more
 * than one sent, because there are peers that take no mix.
 */
public final class Flags {
    /** No flag. */
    public static final int NONE = 0;
    /** The first frame of a stream; a question, on a ping. */
    public static final int SYN = 1;
    /** The stream is accepted; an answer, on a ping. */
    public static final int ACK = 2;
    /** The sender sends no more data on this stream. */
    public static final int FIN = 4;
    /** The stream ends at once, in both directions. */
    public static final int RST = 8;

    /** The flags that are known. What is above them is ignored. */
    static final int KNOWN = SYN | ACK | FIN | RST;

    private static final String[] NAMES = {"SYN", "ACK", "FIN", "RST"};

    private Flags() {}

    /** Returns whether a flag is among flags. */
    public static boolean isSet(int flags, int flag) {
        return (flags & flag) != 0;
    }

    /** Returns flags as a person reads them. */
    public static String describe(int flags) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < NAMES.length; bit++) {
            if (isSet(flags, 1 << bit)) {
                text.append(text.isEmpty() ? "" : "|").append(NAMES[bit]);
            }
        }
        return text.isEmpty() ? "-" : text.toString();
    }
}
