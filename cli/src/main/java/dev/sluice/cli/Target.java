package dev.sluice.cli;

import dev.sluice.nio.Endpoint;

/**
 * The server to call. Immutable.
 *
 * @param named its address as it was given, with what the options add of TLS
 * @param dialled the same server by the address that calls take
 */
record Target(Endpoint named, Endpoint dialled) {
    /** Returns whether calls go over a session in which the server can call back. */
    boolean hasBackchannel() {
        return !named.equals(dialled);
    }
}
