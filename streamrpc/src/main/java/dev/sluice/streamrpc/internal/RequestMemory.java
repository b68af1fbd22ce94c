package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the requests that are still on their way may hold together: nobody behind them is known yet, and many of
 * them, each just short of complete, would otherwise fill the heap. Thread-safe.
 */
public final class RequestMemory {
    private final long limitBytes;
    private final String setting;
    private final AtomicLong heldBytes = new AtomicLong();

    /**
     * Creates a budget of {@code limitBytes}.
     *
     * @param setting what sets it, for the text of the failure
     */
    public RequestMemory(long limitBytes, String setting) {
        this.limitBytes = limitBytes;
        this.setting = setting;
    }

    /** Adds {@code bytes}, which may be negative; if that is too much, adds nothing and throws. */
    public void add(long bytes) throws TransportException {
        if (heldBytes.addAndGet(bytes) > limitBytes && bytes > 0) {
            heldBytes.addAndGet(-bytes);
            throw new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    "requests that are not yet complete would hold more than " + limitBytes + " bytes (" + setting
                            + ")");
        }
    }

    /** Gives back {@code bytes} that were added. */
    public void release(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    /** Returns how much is held now. */
    long heldBytes() {
        return heldBytes.get();
    }
}
