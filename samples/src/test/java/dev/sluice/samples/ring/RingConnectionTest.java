package dev.sluice.samples.ring;

import dev.sluice.nio.Endpoint;
import dev.sluice.tests.contract.ConnectionContract;

/** The transport keeps every promise of a connection. */
class RingConnectionTest extends ConnectionContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.parse("ring:contract");
    }
}
