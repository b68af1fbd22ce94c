package dev.sluice.grpc.internal.sidechannel;

import java.nio.ByteBuffer;

/** Bytes of a peer as a text for people, which they cannot make look like anything else. */
final class Quoted {
    private Quoted() {}

    /** Returns what remains of {@code bytes}, in quotation marks; it is not consumed. */
    static String bytes(ByteBuffer bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            byte b = bytes.get(i);
            if (b >= ' ' && b <= '~' && b != '"' && b != '\\') {
                text.append((char) b);
            } else {
                text.append(String.format("\\x%02x", b));
            }
        }
        return text.append('"').toString();
    }
}
