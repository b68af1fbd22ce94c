package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.spi.AbstractConnection;
import dev.sluice.nio.spi.SelectionHandler;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;

/** A connection on a channel that a selector watches: interest in reading and writing is the key's interest. */
abstract class SelectableConnection extends AbstractConnection implements SelectionHandler {
    private SelectionKey key;

    SelectableConnection(EventLoop loop, Endpoint localEndpoint, Endpoint remoteEndpoint) {
        super(loop, localEndpoint, remoteEndpoint);
    }

    abstract SelectableChannel channel();

    /** Registers the channel and opens the connection. */
    final void start(ConnectionHandler first) throws IOException {
        loop().register(channel(), 0, this);
        open(first);
    }

    /** As {@link #start}, with a handler that the acceptor chooses. What fails closes the connection, and so tells who waits for that. */
    final void accept(Acceptor acceptor) {
        FlightEvents.accepted(this);
        try {
            start(acceptor.onAccepted(this));
        } catch (Throwable t) { // an acceptor's, too: whatever it throws costs this connection only
            failed("accepting it", t);
        }
    }

    /** Takes the channel away from the selector. Any thread. */
    final void deregister() {
        key.cancel();
    }

    @Override
    public final void onRegistered(SelectionKey newKey) {
        key = newKey;
    }

    @Override
    public final void onSelected(int readyOps) {
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            interest(SelectionKey.OP_WRITE, false);
            writable();
        }
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            readable();
        }
    }

    @Override
    protected final void readInterest(boolean wanted) {
        interest(SelectionKey.OP_READ, wanted);
    }

    @Override
    protected final void writeInterest() {
        interest(SelectionKey.OP_WRITE, true);
    }

    private void interest(int op, boolean wanted) {
        if (!key.isValid()) {
            return; // closed by a handler a moment ago
        }
        int now = key.interestOps();
        int next = wanted ? now | op : now & ~op;
        if (next != now) {
            key.interestOps(next);
        }
    }
}
