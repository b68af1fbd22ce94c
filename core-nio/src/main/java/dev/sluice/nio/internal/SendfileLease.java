package dev.sluice.nio.internal;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps a socket's descriptor from being closed under a running {@code sendfile}.
 *
 * <p>Before 22, {@code FileChannel.transferTo} uses the descriptor of a socket without the socket knowing (JDK-8310902): closing
 * neither ends a call that waits for a slow peer, nor keeps the number from being given to another socket, which would then get
 * the file. So here who closes while a call runs only shuts the output down, which ends the call, and the caller closes on its way
 * out. From 22 on the JDK does right by itself, and this just passes on.
 *
 * <p>Thread-safe; one caller at a time.
 */
final class SendfileLease {
    private static final boolean NEEDED = Runtime.version().feature() < 22;

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
        if (!NEEDED || state.compareAndSet(FREE, CLOSED)) {
            socket.close();
        } else if (state.compareAndSet(HELD, CLOSE_ON_RETURN)) {
            socket.shutdownOutput(); // the kernel ends the call
        } else {
            closeAgain();
        }
    }

    /** The caller went in or out between our two looks. */
    private void closeAgain() throws IOException {
        if (state.get() == FREE || state.get() == HELD) {
            close();
        }
    }
}
