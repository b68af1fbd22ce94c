package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

class JdkTlsOverMemoryTest extends TlsConnectionContract {
    JdkTlsOverMemoryTest() {
        super("SunJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.memory("contract-sunjsse");
    }
}
