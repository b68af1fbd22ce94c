package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

class YamuxStreamOverMemoryTest extends YamuxStreamContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("yamux-contract");
    }
}
