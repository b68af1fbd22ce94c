package dev.sluice.yamux.internal;

/** Which side of a session this is. Nothing on the wire says so. */
public enum Role {
    /** Who initiated the connection. Its streams have odd numbers. */
    CLIENT(1),
    /** Who accepted the connection. Its streams have even numbers. */
    SERVER(2);

    private final long firstId;

    Role(long firstId) {
        this.firstId = firstId;
    }

    long firstId() {
        return firstId;
    }

    /** Returns whether the peer may have opened a stream with this id. */
    boolean isPeers(long streamId) {
        return streamId != Frame.SESSION && (streamId & 1) != (firstId & 1);
    }
}
