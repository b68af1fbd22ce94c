package dev.sluice.tls.internal;

import dev.sluice.tls.Identities;
import dev.sluice.tls.Trust;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The {@link SSLContext} for new connections. When identities change there is another one: handshakes under way keep theirs, and
 * what it says is all of one time. Thread-safe.
 */
public final class ContextSource {
    private static final Logger LOG = System.getLogger(ContextSource.class.getName());

    /**
     * Ephemeral keys and authenticated encryption only, AES-128 before AES-256: nobody breaks either, and it is faster. The first
     * three are TLS 1.3's, the others TLS 1.2's.
     */
    private static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Makes a context of what the identities are now. */
    private interface Recipe {
        SSLContext create() throws GeneralSecurityException;
    }

    private final Recipe recipe;
    /** Held while a context is made and put in place: one that began earlier must not replace one of later identities. */
    private final ReentrantLock renewing = new ReentrantLock();

    private volatile SSLContext current;

    private ContextSource(Recipe recipe) {
        this.recipe = recipe;
    }

    /** Returns a source of one context. */
    public static ContextSource fixed(SSLContext context) {
        ContextSource source = new ContextSource(() -> context);
        source.current = context;
        return source;
    }

    /**
     * Returns a source that follows the identities.
     *
     * @throws IllegalStateException if the provider cannot make a context of them
     */
    public static ContextSource live(Optional<Provider> provider, Optional<Identities> identities, Trust trust) {
        ContextSource source = new ContextSource(() -> create(provider, identities, trust));
        // First of all, so that no change between is missed.
        identities.ifPresent(live -> new Follower(source).follow(live));
        try {
            source.renew();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot set up TLS: " + e.getMessage(), e);
        }
        return source;
    }

    private void renew() throws GeneralSecurityException {
        renewing.lock();
        try {
            current = recipe.create();
        } finally {
            renewing.unlock();
        }
    }

    /** Told of changes for as long as its source is in use: the identities, which outlive whoever uses them, do not keep it. */
    private static final class Follower implements Runnable {
        private final WeakReference<ContextSource> source;
        private volatile Identities.Subscription subscription = () -> {};

        Follower(ContextSource source) {
            this.source = new WeakReference<>(source);
        }

        void follow(Identities identities) {
            subscription = identities.onChange(this);
        }

        @Override
        public void run() {
            ContextSource following = source.get();
            if (following == null) {
                subscription.close();
                return;
            }
            try {
                following.renew();
            } catch (GeneralSecurityException e) {
                LOG.log(Level.WARNING, "cannot take the new certificate, keeping the old one: " + e.getMessage(), e);
            }
        }
    }

    private static SSLContext create(Optional<Provider> provider, Optional<Identities> identities, Trust trust)
            throws GeneralSecurityException {
        SSLContext context =
                provider.isPresent() ? SSLContext.getInstance("TLS", provider.get()) : SSLContext.getInstance("TLS");
        KeyManager[] keys =
                identities.map(live -> new KeyManager[] {live.keyManager()}).orElseGet(() -> new KeyManager[0]);
        context.init(keys, trust.trustManagers(context.getProvider()), new SecureRandom());
        return context;
    }

    /** Returns the context for a new connection. */
    public SSLContext current() {
        return current;
    }

    /** Returns where its engines want ciphertext to lie. */
    public NetworkBuffers nets() {
        return Providers.buffersFor(current.getProvider());
    }

    /** Returns parameters for an engine of {@link #current()}, with versions and cipher suites set as far as it knows them. */
    public SSLParameters parameters(SSLEngine engine, List<String> versions) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(versions.toArray(String[]::new));
        Set<String> supported = Set.copyOf(Arrays.asList(engine.getSupportedCipherSuites()));
        parameters.setCipherSuites(
                CIPHER_SUITES.stream().filter(supported::contains).toArray(String[]::new));
        return parameters;
    }
}
