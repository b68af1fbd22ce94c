package dev.sluice.tls.internal;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes trust managers that check whole certificate paths (RFC 5280, 6). */
public final class TrustManagers {
    private static final String PATH_VALIDATION = "PKIX";
    /** What the JDK can always keep in memory, whatever its default type of key store is set to. */
    private static final String STORE_TYPE = "PKCS12";

    private TrustManagers() {}

    /** Returns those that trust what the JVM trusts. */
    public static X509ExtendedTrustManager[] system(Optional<Provider> provider) throws GeneralSecurityException {
        TrustManagerFactory factory = factory(provider);
        factory.init((KeyStore) null);
        return extended(factory);
    }

    /** Returns those that trust these certificates only. */
    public static X509ExtendedTrustManager[] anchored(List<X509Certificate> anchors, Optional<Provider> provider)
            throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(STORE_TYPE);
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store cannot be made", e);
        }
        for (int index = 0; index < anchors.size(); index++) {
            store.setCertificateEntry("anchor-" + index, anchors.get(index));
        }
        TrustManagerFactory factory = factory(provider);
        factory.init(store);
        return extended(factory);
    }

    private static TrustManagerFactory factory(Optional<Provider> provider) throws GeneralSecurityException {
        boolean offered =
                provider.isPresent() && provider.get().getService("TrustManagerFactory", PATH_VALIDATION) != null;
        return offered
                ? TrustManagerFactory.getInstance(PATH_VALIDATION, provider.get())
                : TrustManagerFactory.getInstance(PATH_VALIDATION);
    }

    private static X509ExtendedTrustManager[] extended(TrustManagerFactory factory) throws GeneralSecurityException {
        X509ExtendedTrustManager[] managers = Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .toArray(X509ExtendedTrustManager[]::new);
        if (managers.length == 0) {
            // Others cannot check host names, and silently would not.
            throw new GeneralSecurityException(
                    factory.getProvider() + " has no trust manager that checks certificates and host names");
        }
        return managers;
    }
}
