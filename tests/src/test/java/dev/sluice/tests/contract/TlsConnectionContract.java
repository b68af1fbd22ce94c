package dev.sluice.tests.contract;

import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The contract, for TLS. */
abstract class TlsConnectionContract extends ConnectionContract {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");

    private final Tls server;
    private final Tls client;

    /** Both sides by one provider. */
    TlsConnectionContract(String provider) {
        this(provider, provider);
    }

    /** Each side by a provider of its own. */
    TlsConnectionContract(String serverProvider, String clientProvider) {
        this(
                Tls.serverBuilder(Identities.of(IDENTITY))
                        .provider(serverProvider)
                        .build(),
                clientBuilder().provider(clientProvider).build());
    }

    /** Each side as it comes. */
    TlsConnectionContract(Tls server, Tls client) {
        this.server = server;
        this.client = client;
    }

    static Identity identity() {
        return IDENTITY;
    }

    static TlsClientBuilder clientBuilder() {
        return Tls.clientBuilder().trust(Trust.of(IDENTITY.certificate())).serverName("localhost");
    }

    /** Returns where to listen, without TLS. */
    abstract Endpoint belowEndpoint();

    @Override
    protected final Endpoint listenEndpoint() {
        return belowEndpoint().with(server);
    }

    @Override
    protected final void connect(
            EventLoopGroup group, EventLoop loop, ConnectionHandler connected, ConnectionHandler accepted)
            throws Exception {
        CountDownLatch accepting = new CountDownLatch(1);
        try (Listener listener = group.listen(listenEndpoint(), c -> {
            accepting.countDown();
            return accepted;
        })) {
            Endpoint endpoint = listener.endpoint().below().with(client);
            Waiting.result(group.connect(loop, endpoint, connected, Duration.ofSeconds(10)));
            if (!accepting.await(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("connected, but nothing was accepted on " + listener.endpoint());
            }
        }
    }
}
