package dev.sluice.grpc;

/**
 * What a client did that ends its connection, figures as they are unless {@link Http2Limits} say otherwise: with GOAWAY, ENHANCE_YOUR_CALM (RFC 9113, section 7), and a count in
 * {@link GrpcServer#breaches()}. Each is cheap to send and costs the server something.
 */
public enum Http2Breach {
    /** More than 100 streams, and more than half of those opened, reset by the client within 30 s ("rapid reset"). */
    RESETS_RECEIVED("too many streams were reset"),
    /** More than 100 streams that the server had to reset for an error within 30 s. */
    RESETS_CAUSED("too many streams had to be reset"),
    /** A header block of more than 16 CONTINUATION frames. */
    CONTINUATIONS("a header block in too many frames"),
    /** A header block of more than 16 KiB, compressed. */
    HEADER_BYTES("a header block too large"),
    /** More than 100 SETTINGS frames within 30 s. */
    SETTINGS("too many SETTINGS"),
    /** More than 100 frames within 30 s that carry nothing and end nothing. */
    EMPTY_FRAMES("too many empty frames"),
    /** More than 1000 frames within 30 s of kinds that gRPC has no use for, or 10 GOAWAY. */
    USELESS_FRAMES("too many frames without use"),
    /**
     * More than 1000 PING, SETTINGS and requests whose answers wait for the client to read; or 4 MiB of answers, whose connection is
     * cut without GOAWAY, which the client would not read either.
     */
    UNREAD_ANSWERS("too many answers unread"),
    /** A frame of more than 16 KiB. */
    FRAME_BYTES("a frame too large");

    private final String text;

    Http2Breach(String text) {
        this.text = text;
    }

    /** Returns what the client is told, in English. */
    public String text() {
        return text;
    }
}
