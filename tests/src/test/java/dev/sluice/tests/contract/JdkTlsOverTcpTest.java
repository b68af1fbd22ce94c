package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

class JdkTlsOverTcpTest extends TlsConnectionContract {
    JdkTlsOverTcpTest() {
        super("SunJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }
}
