package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

class TcpConnectionTest extends ConnectionContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }
}
