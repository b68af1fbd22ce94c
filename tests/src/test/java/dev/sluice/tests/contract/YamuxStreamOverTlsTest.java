package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;

class YamuxStreamOverTlsTest extends YamuxStreamContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("yamux-over-tls").with(Tls.server(Identities.of(TlsConnectionContract.identity())));
    }

    @Override
    Endpoint connectEndpoint(Endpoint listening) {
        return listening.below().with(TlsConnectionContract.clientBuilder().build());
    }
}
