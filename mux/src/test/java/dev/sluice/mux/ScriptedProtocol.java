package dev.sluice.mux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import java.util.Optional;
import java.util.function.BiFunction;

/** A protocol whose {@link #accept} is the test's. */
record ScriptedProtocol(String name, String text, BiFunction<Connection, Handshake, ConnectionHandler> onAccept)
        implements Protocol {
    @Override
    public Optional<Magic> magic() {
        return Optional.of(new Magic(text));
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        return onAccept.apply(connection, handshake);
    }
}
