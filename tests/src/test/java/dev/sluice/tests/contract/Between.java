package dev.sluice.tests.contract;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractConnection;
import dev.sluice.nio.spi.ConnectionLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Puts a connection that a test makes between a layer and the transport.
 *
 * @param above the layer
 * @param between makes the connection that the layer gets, of the transport's
 */
record Between(ConnectionLayer above, Function<Connection, Between.PassThrough> between) implements ConnectionLayer {
    /** Takes and gives one byte at a time. */
    static ConnectionLayer oneByteBelow(ConnectionLayer above) {
        return new Between(above, OneByteConnection::new);
    }

    @Override
    public String scheme() {
        return above.scheme();
    }

    @Override
    public void requireAccepting(Endpoint endpoint) throws TransportException {
        above.requireAccepting(endpoint);
    }

    @Override
    public ConnectionHandler accepting(Acceptor acceptor) {
        return new Opening(above.accepting(acceptor), between);
    }

    @Override
    public ConnectionHandler connecting(
            Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
        return new Opening(above.connecting(endpoint, handler, result), between);
    }

    private record Opening(ConnectionHandler first, Function<Connection, PassThrough> between)
            implements ConnectionHandler {
        @Override
        public void onAttached(Connection below) {
            between.apply(below).start(first);
        }

        @Override
        public void onReadable(Connection below) {
            throw new IllegalStateException("another handler was attached at once");
        }

        @Override
        public void onClosed(Connection below, TransportException cause) {
            // The connection above has a listener for that.
        }
    }

    /** Does what the connection below does. */
    static class PassThrough extends AbstractConnection {
        final Connection below;
        private boolean readWanted;

        PassThrough(Connection below) {
            super(below.loop(), below.localEndpoint(), below.remoteEndpoint());
            this.below = below;
        }

        void start(ConnectionHandler first) {
            below.handler(new Below());
            below.whenClosed(cause -> {
                if (cause.reason() == Reason.CLOSED) {
                    close();
                } else {
                    abort(cause);
                }
            });
            open(first);
        }

        @Override
        protected int readSome(ByteBuffer dst) throws IOException {
            return below.read(dst);
        }

        @Override
        protected int writeSome(ByteBuffer src) throws IOException {
            return below.write(src);
        }

        void roomAgain() {
            if (state() != ConnectionState.CLOSED) {
                writable();
            }
        }

        @Override
        protected long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                if (srcs[i].hasRemaining()) {
                    return writeSome(srcs[i]);
                }
            }
            return 0;
        }

        @Override
        protected void writeInterest() {
            // Told when the connection below is.
        }

        @Override
        protected void endOutput() throws IOException {
            below.shutdownOutput();
        }

        @Override
        protected void release(boolean abortive) {
            if (abortive) {
                below.abort(closeCause().orElseThrow());
            } else {
                below.close();
            }
        }

        @Override
        protected void readInterest(boolean wanted) {
            readWanted = wanted;
            if (below.state() == ConnectionState.CLOSED) {
                return;
            }
            if (wanted) {
                below.resumeReading();
            } else {
                below.pauseReading();
            }
        }

        private final class Below implements ConnectionHandler {
            @Override
            public void onReadable(Connection c) {
                readable();
                loop().post(() -> {
                    if (readWanted && below.state() != ConnectionState.CLOSED) {
                        below.resumeReading();
                    }
                });
            }

            @Override
            public void onWritable(Connection c) {
                roomAgain();
            }

            @Override
            public void onClosed(Connection c, TransportException cause) {
                // A listener is told.
            }
        }
    }

    private static final class OneByteConnection extends PassThrough {
        private boolean full;

        OneByteConnection(Connection below) {
            super(below);
        }

        @Override
        protected int readSome(ByteBuffer dst) throws IOException {
            int end = dst.limit();
            try {
                return below.read(dst.limit(Math.min(end, dst.position() + 1)));
            } finally {
                dst.limit(end);
            }
        }

        @Override
        protected int writeSome(ByteBuffer src) throws IOException {
            if (full || !src.hasRemaining()) {
                return 0;
            }
            int end = src.limit();
            try {
                int n = below.write(src.limit(src.position() + 1));
                full = true;
                if (n > 0) {
                    loop().post(this::roomAgain);
                }
                return n;
            } finally {
                src.limit(end);
            }
        }

        @Override
        void roomAgain() {
            full = false;
            super.roomAgain();
        }
    }
}
