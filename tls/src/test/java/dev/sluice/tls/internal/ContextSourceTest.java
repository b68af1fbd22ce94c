package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tls.Identity;
import dev.sluice.tls.IdentitySource;
import dev.sluice.tls.Trust;
import dev.sluice.tls.WatchedIdentities;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Provider;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contexts for identities that change. */
class ContextSourceTest {
    private static final Path KEYS = Path.of("src/test/resources/keys");
    private static final Trust TRUST = Trust.of(Identity.selfSigned().certificate());

    @TempDir
    Path folder;

    private WatchedIdentities identities;

    @BeforeEach
    void watch() throws IOException {
        install("ec.crt", "ec-pkcs8.key");
        identities = WatchedIdentities.builder(
                        IdentitySource.pem(folder.resolve("server.crt"), folder.resolve("server.key")))
                .interval(Duration.ZERO)
                .start();
    }

    private void install(String chain, String key) throws IOException {
        Files.copy(KEYS.resolve(chain), folder.resolve("server.crt"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(KEYS.resolve(key), folder.resolve("server.key"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void shouldNotReplaceALaterContextWhenIdentitiesChangeWhileTheFirstIsMade() throws Exception {
        install("rsa.crt", "rsa-pkcs8.key");
        Thread reload = new Thread(identities::reload);
        Recorded provider = new Recorded(() -> {
            reload.start();
            while (reload.isAlive() && reload.getState() != Thread.State.WAITING) {
                Thread.onSpinWait(); // until it has made its own, or waits for this one
            }
        });

        ContextSource source = ContextSource.live(Optional.of(provider), Optional.of(identities), TRUST);
        reload.join();

        source.current().getServerSessionContext();
        assertThat(provider.asked.get()).as("the context in use").isSameAs(provider.made.get());
    }

    @Test
    void shouldBeForgottenByItsIdentitiesWhenNobodyUsesIt() throws Exception {
        WeakReference<ContextSource> source =
                new WeakReference<>(ContextSource.live(Optional.empty(), Optional.of(identities), TRUST));
        for (int i = 0; i < 200 && source.get() != null; i++) {
            System.gc();
        }
        assertThat(source.get()).isNull();
        install("rsa.crt", "rsa-pkcs8.key");
        assertThat(identities.reload()).isEmpty();
    }

    /** Tells which of its contexts was made last, and which was asked last. Something happens while the first is made. */
    private static final class Recorded extends Provider {
        private static final long serialVersionUID = 1L;

        final transient AtomicReference<SSLContextSpi> made = new AtomicReference<>();
        final transient AtomicReference<SSLContextSpi> asked = new AtomicReference<>();
        private transient Optional<Runnable> whileFirst;

        Recorded(Runnable whileFirst) {
            super("Recorded", "1", "for a test");
            this.whileFirst = Optional.of(whileFirst);
            putService(new Service(this, "SSLContext", "TLS", Context.class.getName(), null, null) {
                @Override
                public Object newInstance(Object parameter) {
                    return new Context();
                }
            });
        }

        private final class Context extends SSLContextSpi {
            @Override
            protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
                Optional<Runnable> first = whileFirst;
                whileFirst = Optional.empty();
                first.ifPresent(Runnable::run);
                made.compareAndSet(null, this);
                if (first.isEmpty()) {
                    made.set(this);
                }
            }

            @Override
            protected SSLSessionContext engineGetServerSessionContext() {
                asked.set(this);
                return null;
            }

            @Override
            protected SSLSocketFactory engineGetSocketFactory() {
                throw new UnsupportedOperationException();
            }

            @Override
            protected SSLServerSocketFactory engineGetServerSocketFactory() {
                throw new UnsupportedOperationException();
            }

            @Override
            protected SSLEngine engineCreateSSLEngine() {
                throw new UnsupportedOperationException();
            }

            @Override
            protected SSLEngine engineCreateSSLEngine(String host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            protected SSLSessionContext engineGetClientSessionContext() {
                throw new UnsupportedOperationException();
            }
        }
    }
}
