package dev.sluice.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The process's log: one line per event on standard error, warnings only unless all is asked for. */
final class Logs {
    private static final String FORMAT_PROPERTY = "java.util.logging.SimpleFormatter.format";
    private static final String ONE_LINE = "%1$tF %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n";
    /** Held, since the logging of the JDK forgets the levels of loggers that nobody holds. */
    private static final Logger OURS = Logger.getLogger("dev.sluice");

    private static final Logger TRUST = Logger.getLogger("dev.sluice.tls.Trust");

    private Logs() {}

    /** To be called before anything logs. */
    static void begin() {
        if (System.getProperty(FORMAT_PROPERTY) == null) {
            System.setProperty(FORMAT_PROPERTY, ONE_LINE);
        }
        Logger.getLogger("").setLevel(Level.WARNING);
        TRUST.setLevel(Level.SEVERE); // the command warns of --insecure in its own words
    }

    /** Shows what an operator wants to see of a server: handshakes that failed and why, certificates that were read again. */
    static void showOperation() {
        if (OURS.getLevel() == null) {
            OURS.setLevel(Level.INFO);
        }
    }

    static void showAll() {
        OURS.setLevel(Level.FINE);
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            if (handler instanceof ConsoleHandler) {
                handler.setLevel(Level.FINE);
            }
        }
    }
}
