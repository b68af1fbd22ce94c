package dev.sluice.tests.contract;

/** What a transport may or may not be able to do; tests of what it cannot are skipped. */
public enum Capability {
    /** One direction can end while the other goes on. */
    HALF_CLOSE,
    /** The peer of a connection that is cut sees {@code RESET} rather than an orderly end. */
    RESET
}
