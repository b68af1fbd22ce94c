package dev.sluice.grpc.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;

/**
 * What grpc-okhttp's own reader finds when it is at last let run, at the end of a connection whose frames it was fed: HTTP/2's preface, an
 * acknowledgement of SETTINGS, which changes nothing, and the end.
 */
final class EndOfInput {
    private static final byte[] BYTES = bytes();

    private EndOfInput() {}

    private static byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Http2Preface.PREFACE);
        bytes.writeBytes(new byte[] {0, 0, 0, Http2Frames.SETTINGS, Http2Frames.FLAG_ACK, 0, 0, 0, 0});
        return bytes.toByteArray();
    }

    static InputStream create() {
        return new ByteArrayInputStream(BYTES);
    }
}
