package dev.sluice.yamux.internal;

/** Takes frames that are to be written, in this order. What it was given is committed: it has to be written whole. */
public interface FrameSink {
    /** A header; see {@link Frame#encode}. */
    void header(FrameType type, int flags, long streamId, long length);

    /** Behind the header just given: the next {@code bytes} of those that were {@linkplain YamuxStream#addOutput added}. */
    void payload(YamuxStream stream, int bytes);
}
