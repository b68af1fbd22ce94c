package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.spi.HandshakeTrace;

/**
 * What this library tells the JDK's flight recorder. While nobody records an event, it costs the question whether somebody does; in a
 * runtime without the module {@code jdk.jfr} nothing at all. Endpoints, counts and reasons are told, payload never. Stateless.
 */
public final class FlightEvents {
    private static final boolean AVAILABLE = isAvailable();

    private FlightEvents() {}

    private static boolean isAvailable() {
        try {
            Class.forName("jdk.jfr.Event", false, FlightEvents.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false; // the module is optional
        }
    }

    /** A connection was accepted. */
    public static void accepted(Connection connection) {
        if (AVAILABLE) {
            ConnectionAcceptedEvent.emit(connection);
        }
    }

    /** A connection, accepted or dialled, has closed. */
    public static void closed(Connection connection, Reason reason) {
        if (AVAILABLE) {
            ConnectionClosedEvent.emit(connection, reason);
        }
    }

    /** A turn of a loop took too long, without its wait for something to do. */
    public static void slowTurn(String loop, long busyNanos) {
        if (AVAILABLE) {
            SlowTurnEvent.emit(loop, busyNanos);
        }
    }

    /** A write was short. Returns what to run when there is room again or never will be, or null while nobody records this. */
    public static Runnable stalledWrite(Connection connection) {
        return AVAILABLE ? StalledWriteEvent.begin(connection) : null;
    }

    /** A step of a handshake begins. */
    public static HandshakeTrace handshake(Connection connection, String step) {
        return AVAILABLE ? HandshakeEvent.begin(connection, step) : HandshakeTrace.NONE;
    }
}
