package dev.sluice.tls.internal;

import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;

/** JSSE providers by name, made if they are on the path but not registered. */
public final class Providers {
    private static final String BOUNCY_CASTLE = "BCJSSE";
    private static final String CONSCRYPT = "Conscrypt";

    private Providers() {}

    /**
     * Returns a provider.
     *
     * @throws IllegalArgumentException if there is none; the text says what is missing
     */
    public static Provider named(String name) {
        Provider registered = Security.getProvider(name);
        if (registered != null) {
            return registered;
        }
        return switch (name) {
            case BOUNCY_CASTLE ->
                made(name, "org.bouncycastle.jsse.provider.BouncyCastleJsseProvider", "bctls-jdk18on");
            case CONSCRYPT -> made(name, "org.conscrypt.OpenSSLProvider", "conscrypt-openjdk-uber");
            default ->
                throw new IllegalArgumentException("no TLS provider '" + name + "'; registered are " + registered());
        };
    }

    private static Provider made(String name, String className, String artifact) {
        try {
            return Class.forName(className)
                    .asSubclass(Provider.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalArgumentException("the TLS provider " + name + " needs " + artifact + " on the path", e);
        }
    }

    private static List<String> registered() {
        return Arrays.stream(Security.getProviders())
                .filter(provider -> provider.getService("SSLContext", "TLS") != null)
                .map(Provider::getName)
                .toList();
    }

    /** Returns where the engines of a provider want ciphertext to lie, as was measured. */
    static NetworkBuffers buffersFor(Provider provider) {
        return provider.getName().equals(CONSCRYPT) ? NetworkBuffers.DIRECT : NetworkBuffers.HEAP;
    }
}
