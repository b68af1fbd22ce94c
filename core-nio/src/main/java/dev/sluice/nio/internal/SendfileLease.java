package dev.sluice.nio.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps a socket's descriptor from being closed under a running {@code sendfile}.
 *
 * <p>Before 22, {@code FileChannel.transferTo} uses the descriptor of a socket without the socket knowing (JDK-8310902): closing
 * neither ends a call that waits for a slow peer, nor keeps the number from being given to another socket, which would then get
 * the file. So here who closes while a call runs only shuts the output down, which ends the call, and the caller closes on its way
 * out. From 22 on the JDK does right by itself, and this just passes on.
 *
 * <p>Shutting down tells the peer an orderly end, which must not be the answer to a cut: a peer that reads fast would get it
 * before the reset that closing sends, and take half a file for a whole one. So who cuts lets the call come back by itself, as it
 * does at once if the peer reads, and shuts down only if it has not for a while: then megabytes are in front of the end.
 *
 * <p>Thread-safe; one caller at a time.
 */
final class SendfileLease {
    private static final Logger LOG = System.getLogger(SendfileLease.class.getName());
    private static final boolean NEEDED = Runtime.version().feature() < 22;

    /** Many times longer than a run of a file takes if the peer reads at all. */
    private static final long STALLED_AFTER_MILLIS = 100;

    private static final int FREE = 0;
    private static final int HELD = 1;
    private static final int CLOSE_ON_RETURN = 2;
    private static final int CLOSED = 3;

    private final SocketChannel socket;
    private final AtomicInteger state = new AtomicInteger(FREE);

    SendfileLease(SocketChannel socket) {
        this.socket = socket;
    }

    /** Returns whether the caller may go on; if so it must {@link #leave()}. */
    boolean enter() {
        return !NEEDED || state.compareAndSet(FREE, HELD);
    }

    void leave() throws IOException {
        if (NEEDED && !state.compareAndSet(HELD, FREE)) {
            state.set(CLOSED);
            socket.close();
        }
    }

    /** Closes the socket, or makes the running call do it. Never waits. */
    void close() throws IOException {
        if (!closeNowOrOnReturn()) {
            socket.shutdownOutput(); // the kernel ends the call
        }
    }

    /** As {@link #close()}, and the peer is not told of an orderly end. */
    void cut() throws IOException {
        if (!closeNowOrOnReturn()) {
            CompletableFuture.delayedExecutor(STALLED_AFTER_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::endStalledCall);
        }
    }

    /** Returns false if it is left to the running call. */
    private boolean closeNowOrOnReturn() throws IOException {
        if (!NEEDED) {
            socket.close();
            return true;
        }
        int before = state.getAndUpdate(now -> now == FREE ? CLOSED : now == HELD ? CLOSE_ON_RETURN : now);
        if (before == FREE) {
            socket.close();
        }
        return before != HELD;
    }

    private void endStalledCall() {
        try {
            if (state.get() == CLOSE_ON_RETURN) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the call came back in the meantime", e);
        }
    }
}
