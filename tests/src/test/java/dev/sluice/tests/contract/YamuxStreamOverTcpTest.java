package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;

/** Streams that the server opens: what a backchannel is made of. */
class YamuxStreamOverTcpTest extends YamuxStreamContract {
    @Override
    boolean dialsAsServer() {
        return true;
    }

    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }
}
