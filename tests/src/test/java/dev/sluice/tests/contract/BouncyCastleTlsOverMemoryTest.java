package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.util.EnumSet;
import java.util.Set;

class BouncyCastleTlsOverMemoryTest extends TlsConnectionContract {
    BouncyCastleTlsOverMemoryTest() {
        super("BCJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.memory("contract-bcjsse");
    }

    /** BouncyCastle ends both directions when one ends. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.RESET);
    }
}
