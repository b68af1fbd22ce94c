package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

class MemoryConnectionTest extends ConnectionContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("contract");
    }
}
