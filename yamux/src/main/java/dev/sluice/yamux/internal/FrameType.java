package dev.sluice.yamux.internal;

/** What a frame is. */
public enum FrameType {
    /** Bytes of a stream. The length counts the payload. */
    DATA(0),
    /** More room in the receive window of its sender. The length is how much more; with {@link Flags#RST}, why the stream is reset. */
    WINDOW_UPDATE(1),
    /** A sign of life. The length is any number, which the answer repeats. */
    PING(2),
    /** The session ends. The length says why: see {@link GoAway}. */
    GO_AWAY(3);

    private static final FrameType[] BY_NUMBER = {DATA, WINDOW_UPDATE, PING, GO_AWAY};

    private final int number;

    FrameType(int number) {
        this.number = number;
    }

    /** Returns what stands for this on the wire. */
    int number() {
        return number;
    }

    /** Returns whether a number on the wire, which is unsigned, stands for a type. */
    static boolean isKnown(int number) {
        return number < BY_NUMBER.length;
    }

    /** Returns the type that a {@linkplain #isKnown known} number stands for. */
    static FrameType of(int number) {
        return BY_NUMBER[number];
    }
}
