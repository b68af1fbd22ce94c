package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Side;
import dev.sluice.tests.contract.Tls12;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identity;
import dev.sluice.tls.IdentitySource;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsInfo;
import dev.sluice.tls.Trust;
import dev.sluice.tls.WatchedIdentities;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that change while clients come, and sessions that are resumed. */
class ReloadUnderLoadTest extends TlsServerFixture {
    private static final int PER_SECOND = 200;
    private static final int ROTATIONS = 10;
    private static final int BETWEEN_ROTATIONS = 50;
    private static final int AT_A_TIME = 64;

    @TempDir
    Path directory;

    private Path pem() {
        return directory.resolve("server.pem");
    }

    private void write(Identity identity) throws IOException, CertificateEncodingException {
        Path next = directory.resolve("next.pem");
        Files.writeString(
                next,
                block("PRIVATE KEY", identity.privateKey().getEncoded())
                        + block("CERTIFICATE", identity.certificate().getEncoded()));
        Files.move(
                next,
                pem(),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static String block(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private WatchedIdentities watch() throws IOException {
        return WatchedIdentities.builder(IdentitySource.pem(pem(), pem()))
                .interval(Duration.ZERO)
                .start();
    }

    /** The pace is only a load: nothing asserts how long anything took. */
    @Test
    void shouldFailNoHandshakeWhenCertificatesChangeUnderLoad() throws Exception {
        Identity first = Identity.selfSigned("localhost");
        write(first);
        Tls client = Tls.clientBuilder()
                .trust(Trust.insecureTrustAnything())
                .serverName("localhost")
                .build();
        try (WatchedIdentities identities = watch()) {
            serve(Tls.server(identities), fallback);
            List<CompletableFuture<X509Certificate>> shown = new ArrayList<>();
            List<X509Certificate> expected = new ArrayList<>();
            Semaphore room = new Semaphore(AT_A_TIME);
            expected.add(first.certificate());
            long next = System.nanoTime();
            for (int rotation = 0; rotation <= ROTATIONS; rotation++) {
                if (rotation > 0) {
                    Identity renewed = Identity.selfSigned("localhost");
                    write(renewed);
                    assertThat(identities.reload()).isEmpty();
                    expected.add(renewed.certificate());
                }
                for (int i = 0; i < BETWEEN_ROTATIONS; i++) {
                    assertThat(room.tryAcquire(20, TimeUnit.SECONDS))
                            .as("connections go on")
                            .isTrue();
                    LockSupport.parkNanos(next - System.nanoTime());
                    next += TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
                    shown.add(certificateShown(client, room));
                }
            }
            for (int i = 0; i < shown.size(); i++) {
                // Or a newer one: it may have waited while the certificate changed.
                assertThat(expected.indexOf(Waiting.result(shown.get(i))))
                        .as("which certificate connection %s was shown", i)
                        .isGreaterThanOrEqualTo(i / BETWEEN_ROTATIONS);
            }
            awaitAllClosed();
            assertThat(tls.stats().handshakes()).isEqualTo(shown.size());
            assertThat(tlsFailures()).isEmpty();
            assertThat(serverFailures()).isEmpty();
        }
    }

    private CompletableFuture<X509Certificate> certificateShown(Tls client, Semaphore room) {
        Endpoint address = server.endpoints().get(0).below().with(client);
        return group.connect(address, new Recorder(), HANDSHAKE_TIMEOUT)
                .toCompletableFuture()
                .thenApply(connection -> {
                    X509Certificate shown = Tls.info(connection)
                            .map(TlsInfo::peerCertificates)
                            .orElseThrow()
                            .get(0);
                    connection.close();
                    return shown;
                })
                .whenComplete((shown, failure) -> room.release());
    }

    /** Connects, has a byte echoed so that what the server sends after its handshake has come, and closes. */
    private SSLSession sessionOf(Tls client) throws Exception {
        Recorder recorder = new Recorder();
        Endpoint address = server.endpoints().get(0).below().with(client);
        Connection connection = Waiting.result(group.connect(address, recorder, HANDSHAKE_TIMEOUT));
        Side side = new Side(connection, recorder);
        side.run(c -> c.write(ByteBuffer.allocate(1)));
        recorder.awaitReceived(1);
        SSLSession session = Tls.session(connection).orElseThrow();
        side.close();
        awaitAllClosed();
        long made = session.getCreationTime();
        Waiting.until("the clock has moved", () -> System.currentTimeMillis() > made);
        return session;
    }

    @Test
    void shouldResumeSessionsOfTls13UntilTheCertificateChanges() throws Exception {
        write(IDENTITY);
        Tls client = Tls.clientBuilder()
                .trust(Trust.insecureTrustAnything())
                .serverName("localhost")
                .build();
        try (WatchedIdentities identities = watch()) {
            serve(Tls.server(identities), fallback);
            SSLSession first = sessionOf(client);
            assertThat(first.getProtocol()).isEqualTo("TLSv1.3");
            SSLSession second = sessionOf(client);
            assertThat(second.getCreationTime()).as("resumed").isEqualTo(first.getCreationTime());

            Identity renewed = Identity.selfSigned("localhost");
            write(renewed);
            assertThat(identities.reload()).isEmpty();
            SSLSession third = sessionOf(client);
            assertThat(third.getCreationTime()).as("not resumed").isGreaterThan(first.getCreationTime());
            assertThat(third.getPeerCertificates()[0]).isEqualTo(renewed.certificate());
            SSLSession fourth = sessionOf(client);
            assertThat(fourth.getCreationTime()).as("resumed again").isEqualTo(third.getCreationTime());
        }
        assertThat(tlsFailures()).isEmpty();
    }

    @Test
    void shouldResumeSessionsOfTls12() throws Exception {
        serve(Tls12.server(IDENTITY), fallback);
        Tls client = Tls12.client(IDENTITY);
        SSLSession first = sessionOf(client);
        assertThat(first.getProtocol()).isEqualTo("TLSv1.2");
        SSLSession second = sessionOf(client);
        assertThat(second.getCreationTime()).as("resumed").isEqualTo(first.getCreationTime());
        assertThat(second.getId()).isEqualTo(first.getId());
        assertThat(tlsFailures()).isEmpty();
        assertThat(serverFailures()).isEmpty();
    }
}
