package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.util.EnumSet;
import java.util.Set;

class JdkTls12OverTcpTest extends TlsConnectionContract {
    JdkTls12OverTcpTest() {
        super(Tls12.server(identity()), Tls12.client(identity()));
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.tcp("127.0.0.1", 0);
    }

    /** TLS 1.2 has no half-close (RFC 5246, section 7.2.1). */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.RESET);
    }
}
