package dev.sluice.tls;

import dev.sluice.tls.internal.Providers;
import dev.sluice.tls.internal.TaskThreads;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * The settings that servers and clients share. Not thread-safe.
 *
 * @param <B> the kind of builder
 */
public abstract sealed class TlsBuilder<B extends TlsBuilder<B>> permits TlsServerBuilder, TlsClientBuilder {
    /** RFC 7301, section 3.1. */
    private static final int MAX_PROTOCOL_NAME = 255;

    List<String> versions = List.of("TLSv1.3", "TLSv1.2");
    Optional<List<String>> applicationProtocols = Optional.empty();
    Optional<Provider> provider = Optional.empty();
    Optional<SSLContext> context = Optional.empty();
    Executor taskExecutor = TaskThreads.shared();

    TlsBuilder() {}

    abstract B self();

    /** Refuses TLS 1.2. Default: 1.3 and 1.2, never anything older. */
    public final B tls13Only() {
        versions = List.of("TLSv1.3");
        return self();
    }

    /**
     * Sets the application protocols for ALPN (RFC 7301), the preferred one first: {@code h2} for gRPC. A peer that uses ALPN and wants
     * none of these is refused. No names: ALPN is not used. Default: what is spoken over the connection decides, as gRPC's
     * channel, which offers {@code h2} ({@link Tls#withApplicationProtocols}); if it does not care, ALPN is not used.
     */
    public final B applicationProtocols(String... names) {
        for (String name : names) {
            if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_PROTOCOL_NAME) {
                throw new IllegalArgumentException(
                        "an application protocol has 1 to " + MAX_PROTOCOL_NAME + " bytes, not '" + name + "'");
            }
        }
        applicationProtocols = Optional.of(List.of(names));
        return self();
    }

    /**
     * Sets who does the cryptography: {@code SunJSSE}, {@code BCJSSE} (BouncyCastle, artifact bctls-jdk18on), {@code Conscrypt}
     * (conscrypt-openjdk-uber), or another that is registered with the JVM. Default: the JVM's first.
     *
     * @throws IllegalArgumentException if there is none of that name; the text says what is missing
     */
    public final B provider(String name) {
        provider = Optional.of(Providers.named(name));
        return self();
    }

    /**
     * Takes a context as it is, in place of identities, trust and provider: whoever made it has set them, and {@link #build} refuses
     * others beside it. Certificates that change are its affair then.
     */
    public final B context(SSLContext ready) {
        context = Optional.of(Objects.requireNonNull(ready, "context"));
        return self();
    }

    /**
     * Sets where the slow work of handshakes is done: signatures, key agreement, looking at certificates. Never on a loop. Default:
     * one thread per processor, for all; at most 4096 handshakes wait for them.
     */
    public final B taskExecutor(Executor executor) {
        taskExecutor = Objects.requireNonNull(executor, "taskExecutor");
        return self();
    }

    static void setApplicationProtocols(SSLParameters parameters, List<String> names) {
        if (!names.isEmpty()) {
            parameters.setApplicationProtocols(names.toArray(String[]::new));
        }
    }

    /** A context would silently win over what is given beside it. */
    final void requireNothingBesideContext(String others, boolean given) {
        if (context.isPresent() && (given || provider.isPresent())) {
            throw new IllegalStateException(
                    "context(SSLContext) brings identities, trust and provider itself: leave out " + others
                            + " and provider(), or context()");
        }
    }

    /**
     * Makes the layer.
     *
     * @throws IllegalStateException if settings contradict each other, or the provider cannot do what is asked of it
     */
    public abstract Tls build();
}
