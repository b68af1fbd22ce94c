package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Endpoint;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Side;
import dev.sluice.tests.contract.Tls12;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsInfo;
import dev.sluice.tls.Trust;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * False start (RFC 7918): a client of TLS 1.2 that uses ALPN, as Conscrypt's does, begins to send before the server's Finished came. The
 * rest of the handshake that comes then is no renegotiation.
 */
class FalseStartTest extends TlsServerFixture {
    @Test
    void shouldTakeTheRestOfTheHandshakeWhenTheClientBeganEarly() throws Exception {
        Tls layer = Tls.serverBuilder()
                .context(Tls12.context(Identities.of(IDENTITY), IDENTITY))
                .applicationProtocols("h2")
                .build();
        serve(layer, fallback);
        Tls client = Tls.clientBuilder()
                .provider("Conscrypt")
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .applicationProtocols("h2")
                .build();
        Endpoint address = server.endpoints().get(0).below().with(client);
        for (int i = 0; i < 20; i++) {
            Recorder recorder = new Recorder();
            Side side = new Side(Waiting.result(group.connect(address, recorder, HANDSHAKE_TIMEOUT)), recorder);
            TlsInfo info = Tls.info(side.connection()).orElseThrow();
            assertThat(info.protocol()).isEqualTo("TLSv1.2");
            assertThat(info.applicationProtocol()).contains("h2");
            side.run(c -> c.write(ByteBuffer.allocate(100)));
            recorder.awaitReceived(100);
            side.close();
        }
        awaitAllClosed();
        assertThat(client.stats().failed()).isZero();
        assertThat(tlsFailures()).isEmpty();
    }
}
