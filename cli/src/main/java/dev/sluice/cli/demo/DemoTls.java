package dev.sluice.cli.demo;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;

/**
 * Both ends of TLS, with certificates made for the occasion; each end checks the other's. Immutable.
 *
 * @param server what to listen with
 * @param client what to connect with
 */
record DemoTls(Tls server, Tls client) {
    private static final String SERVER_NAME = "localhost";

    static DemoTls create() {
        Identity ofServer = Identity.selfSigned(SERVER_NAME);
        Identity ofClient = Identity.selfSigned("client.sluice-demo");
        Tls server = Tls.serverBuilder(Identities.of(ofServer))
                .clientCertificates(ClientAuth.REQUIRED, Trust.of(ofClient.certificate()))
                .build();
        Tls client = Tls.clientBuilder()
                .identity(Identities.of(ofClient))
                .trust(Trust.of(ofServer.certificate()))
                .serverName(SERVER_NAME)
                .build();
        return new DemoTls(server, client);
    }

    /** Returns the address as a client has it: with its own side of TLS in place of the server's, if there is one. */
    Endpoint seenByClient(Endpoint served) {
        return served.equals(served.below()) ? served : served.with(client);
    }
}
