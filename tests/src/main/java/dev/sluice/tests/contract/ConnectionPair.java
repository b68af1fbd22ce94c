package dev.sluice.tests.contract;

import java.util.List;

/**
 * Two connections that are each other's peer.
 *
 * @param client the one that connected
 * @param server the one that was accepted
 */
public record ConnectionPair(Side client, Side server) {
    /** Returns this pair and the same with the roles swapped, for tests that hold in both directions. */
    public List<ConnectionPair> bothWays() {
        return List.of(this, new ConnectionPair(/* client= */ server, /* server= */ client));
    }

    /** Lets the loops of both sides go round; see {@link Side#settle()}. */
    public void settle() throws Exception {
        client.settle();
        server.settle();
    }
}
