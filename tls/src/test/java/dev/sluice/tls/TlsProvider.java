package dev.sluice.tls;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.conscrypt.Conscrypt;

/** The implementations of TLS that identities and trust have to work with. */
enum TlsProvider {
    JDK,
    BOUNCY_CASTLE,
    CONSCRYPT;

    private static final Provider BCJSSE = new BouncyCastleJsseProvider(new BouncyCastleProvider());

    private Provider provider() throws GeneralSecurityException {
        return switch (this) {
            case JDK -> SSLContext.getInstance("TLS").getProvider();
            case BOUNCY_CASTLE -> BCJSSE;
            case CONSCRYPT -> Conscrypt.newProvider();
        };
    }

    SSLContext context(Optional<Identities> identities, Trust trust) throws GeneralSecurityException {
        Provider provider = provider();
        SSLContext context = SSLContext.getInstance("TLS", provider);
        KeyManager[] keys =
                identities.map(all -> new KeyManager[] {all.keyManager()}).orElse(new KeyManager[0]);
        context.init(keys, trust.trustManagers(provider), null);
        return context;
    }
}
