package dev.sluice.tests.tls;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsServerBuilder;
import java.io.IOException;
import java.nio.file.Path;

/** A program that echoes over TLS, for tools that look at servers: port, then certificate and key, and those of a second kind. */
final class TlsEchoServer {
    private TlsEchoServer() {}

    public static void main(String[] args) throws IOException {
        TlsServerBuilder tls = Tls.serverBuilder(identities(args));
        String provider = System.getProperty("sluice.tls.provider");
        if (provider != null) {
            tls.provider(provider);
        }
        try (SluiceServer server = SluiceServer.builder()
                .listen(Endpoint.tcp("127.0.0.1", Integer.parseInt(args[0])).with(tls.build()))
                .protocol(new EchoProtocol(EchoProtocol.Mode.LOOP))
                .start()) {
            System.out.println("listening on " + server.endpoints());
            server.awaitClosed();
        }
    }

    private static Identities identities(String[] args) throws IOException {
        Identity first = Identity.pem(Path.of(args[1]), Path.of(args[2]));
        return args.length > 3
                ? Identities.of(first, Identity.pem(Path.of(args[3]), Path.of(args[4])))
                : Identities.of(first);
    }
}
