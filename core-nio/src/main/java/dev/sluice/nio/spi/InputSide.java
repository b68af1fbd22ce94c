package dev.sluice.nio.spi;

import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * When the handler of a connection is told of input: whether it wants to be, what it did when it was told, and the input that
 * no selector sees, which are the bytes put back, a transport's own buffers, and an end that this handler has yet to read.
 * Of such input it is told by a task of the loop, once a turn, as a selector would tell it.
 *
 * <p>Loop-confined, but for {@link #isWanted()}.
 */
final class InputSide {
    private final AbstractConnection connection;
    private final Unread unread = new Unread();
    private final Runnable scheduledTask = this::runScheduled;

    private boolean wanted;
    /** The handler has read, or tried to, since it was told. */
    private boolean attempted;

    private boolean endDelivered;
    private boolean scheduled;

    InputSide(AbstractConnection connection) {
        this.connection = connection;
    }

    /** Returns whether the handler wants to be told. Also on the thread that the loop handed the connection to. */
    boolean isWanted() {
        return wanted;
    }

    Unread unread() {
        return unread;
    }

    /** There is input, or its end: tells the handler. If it does not read, it is not told again until it resumes. */
    void offer() {
        if (!wanted || !connection.hasHandlerOnLoop()) {
            return;
        }
        attempted = false;
        connection.tellReadable();
        if (!connection.hasHandlerOnLoop()) {
            return;
        }
        if (!attempted) {
            pause();
        } else if (isThereUnseen()) {
            schedule();
        }
    }

    /** Begins anew, for another handler. */
    void restart() {
        endDelivered = false;
        attempted = true; // whether to read is the successor's choice, which it has not had yet
        wanted = false;
        resume();
    }

    void pause() {
        if (wanted) {
            wanted = false;
            if (connection.state().isReadable()) {
                connection.readInterest(false);
            }
        }
    }

    void resume() {
        if (wanted || connection.state() == ConnectionState.CLOSED) {
            return;
        }
        wanted = true;
        if (connection.state().isReadable()) {
            connection.readInterest(true);
        }
        if (isThereUnseen()) {
            schedule();
        }
    }

    /** The handler reads, in whatever way. */
    void attempted() {
        attempted = true;
    }

    int read(ByteBuffer dst) throws IOException {
        if (!unread.isEmpty()) {
            return unread.take(dst);
        }
        int n = connection.state().isReadable() ? connection.readSome(dst) : -1;
        if (n < 0) {
            endDelivered = true;
            connection.inputEnded();
        } else if (n > 0) {
            connection.movedIn(n);
        }
        return n;
    }

    /** Makes copies of the bytes the first that are read, or steps back over them. */
    void putBack(ByteBuffer bytes) throws TransportException {
        if (!unread.isEmpty()) {
            if (!unread.putBackInPlace(bytes)) {
                throw new IllegalStateException(connection + ": bytes were put back already");
            }
            return;
        }
        PooledBuffer copy = connection.loop().buffers().acquire(bytes.remaining());
        copy.buffer().put(bytes).flip();
        unread.put(copy);
        if (isThereUnseen()) {
            schedule();
        }
    }

    private boolean isThereUnseen() {
        if (!wanted) {
            return false;
        }
        return !unread.isEmpty() || (connection.state().isReadable() ? connection.hasBufferedInput() : !endDelivered);
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            connection.loop().post(scheduledTask);
        }
    }

    private void runScheduled() {
        scheduled = false;
        if (isThereUnseen()) {
            offer();
        }
    }
}
