package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.util.EnumSet;
import java.util.Set;

class BouncyCastleClientJdkServerTlsTest extends TlsConnectionContract {
    BouncyCastleClientJdkServerTlsTest() {
        super("SunJSSE", "BCJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }

    /** BouncyCastle ends both directions when one ends. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.RESET);
    }
}
