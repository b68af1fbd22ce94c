package dev.sluice.cli.demo;

import java.util.Optional;

/**
 * What came of one check. Immutable.
 *
 * @param name what was checked
 * @param wire over what: tcp, unix, memory, tls or tls+unix
 * @param bytes content bytes that went one way; an echo brings as many back
 * @param seconds how long the transfer took, without the hashing of what it moved
 * @param sha256 of what arrived, in hex; it was compared with that of what was sent
 * @param error why it failed; empty if all was right
 */
public record Check(String name, String wire, long bytes, double seconds, String sha256, Optional<String> error) {
    /** Returns whether all was right. */
    public boolean ok() {
        return error.isEmpty();
    }
}
