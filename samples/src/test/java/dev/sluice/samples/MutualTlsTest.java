package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.Trust;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MutualTlsTest {
    private static final Identity SERVER = Identity.selfSigned("localhost");
    private static final Identity ALICE = Identity.selfSigned("alice");

    private static TlsClientBuilder client() {
        return Tls.clientBuilder().trust(Trust.of(SERVER.certificate()));
    }

    @Test
    void shouldLetInOnlyWhomTheServerTrusts() throws IOException {
        Tls alice = client().identity(Identities.of(ALICE)).build();
        Tls mallory =
                client().identity(Identities.of(Identity.selfSigned("alice"))).build();
        Tls nobody = client().build();
        try (SluiceServer server = MutualTls.start(SERVER, Trust.of(ALICE.certificate()))) {
            Endpoint endpoint = server.endpoints().get(0);

            assertThat(MutualTls.greet(endpoint, alice)).isEqualTo("hello CN=alice");
            assertThatThrownBy(() -> MutualTls.greet(endpoint, mallory)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> MutualTls.greet(endpoint, nobody)).isInstanceOf(IOException.class);
        }
    }
}
