package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.util.EnumSet;
import java.util.Set;

class ConscryptTlsOverTcpTest extends TlsConnectionContract {
    ConscryptTlsOverTcpTest() {
        super("Conscrypt");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }

    /** Conscrypt ends both directions when one ends. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.RESET);
    }
}
