package dev.sluice.nio.spi;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Listener;

/**
 * A listener whose connections get a layer. Thread-safe.
 *
 * @param below accepts what the layer begins on
 * @param layer what its address is given with
 */
public record LayeredListener(Listener below, ConnectionLayer layer) implements Listener {
    @Override
    public Endpoint endpoint() {
        return below.endpoint().with(layer);
    }

    @Override
    public Stats stats() {
        return below.stats();
    }

    @Override
    public void close() {
        below.close();
    }
}
