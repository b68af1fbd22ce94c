package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.FramedRpc;
import java.nio.ByteBuffer;

/** What each side of a connection with extensions says first: the magic, and its banner. */
final class Greeting {
    static final byte[] MAGIC = FramedRpc.MAGIC.bytes();

    private Greeting() {}

    static byte[] bytes() {
        byte[] banner = Banner.OURS.encode();
        return ByteBuffer.allocate(MAGIC.length + banner.length)
                .put(MAGIC)
                .put(banner)
                .array();
    }
}
