package dev.sluice.nio.spi;

import java.nio.channels.SelectionKey;

/** What a loop calls for a channel that is registered with its selector. Loop-confined. */
public interface SelectionHandler {
    /**
     * The channel has a key now. Called on registration, and again with another key if the loop had to replace its selector;
     * interest in operations is kept.
     */
    void onRegistered(SelectionKey key);

    /**
     * The channel is ready. What this throws is logged and does not reach the loop; handle failures here.
     *
     * @param readyOps the operations of {@link SelectionKey} that are ready
     */
    void onSelected(int readyOps);
}
