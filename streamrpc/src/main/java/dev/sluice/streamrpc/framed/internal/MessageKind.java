package dev.sluice.streamrpc.framed.internal;

/** What a reader expects next: frames of one type, and how the last of them is told. */
enum MessageKind {
    /** A {@link CallHeader}. */
    HEADER(FrameType.HEADER),
    /** A body that is read as a whole. */
    DOCUMENT(FrameType.DATA),
    /** A body of any length; with extensions a trailer ends it, and no flag. */
    OCTETS(FrameType.DATA);

    private final FrameType type;

    MessageKind(FrameType type) {
        this.type = type;
    }

    FrameType type() {
        return type;
    }
}
