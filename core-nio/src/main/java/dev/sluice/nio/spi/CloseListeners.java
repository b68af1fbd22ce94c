package dev.sluice.nio.spi;

import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Who waits for the end of a connection besides its handler. Most have none or one. Loop-confined. */
final class CloseListeners {
    private static final Logger LOG = System.getLogger(CloseListeners.class.getName());

    private List<Consumer<TransportException>> waiting = List.of();

    void add(Consumer<TransportException> listener) {
        if (waiting.isEmpty()) {
            waiting = new ArrayList<>(1);
        }
        waiting.add(listener);
    }

    /** Tells all, whatever one of them throws. */
    void tell(TransportException why, AbstractConnection connection) {
        for (Consumer<TransportException> listener : waiting) {
            try {
                listener.accept(why);
            } catch (Throwable t) {
                LOG.log(Level.ERROR, connection + ": a close listener failed", t);
            }
        }
        waiting = List.of();
    }
}
