package dev.sluice.tests.contract;

import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Both sides of TLS 1.2 and nothing newer, by the JDK: there is no setting for that, and there should not be one. */
public final class Tls12 {
    private Tls12() {}

    public static Tls server(Identity identity) {
        return Tls.serverBuilder()
                .context(context(Identities.of(identity), identity))
                .build();
    }

    public static Tls client(Identity trusted) {
        return Tls.clientBuilder()
                .context(context(Identities.of(trusted), trusted))
                .serverName("localhost")
                .build();
    }

    /** Returns a context that shows {@code identities}, trusts {@code trusted}, and speaks TLS 1.2 whatever it is told. */
    public static SSLContext context(Identities identities, Identity trusted) {
        try {
            SSLContext all = SSLContext.getInstance("TLS");
            java.security.KeyStore store = java.security.KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("trusted", trusted.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            all.init(new KeyManager[] {identities.keyManager()}, trust.getTrustManagers(), null);
            return new Restricted(all);
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Restricted extends SSLContext {
        Restricted(SSLContext all) {
            super(new Spi(all), all.getProvider(), "TLSv1.2");
        }
    }

    private static final class Spi extends SSLContextSpi {
        private final SSLContext all;

        Spi(SSLContext all) {
            this.all = all;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("it is ready");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return new Engine(all.createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return new Engine(all.createSSLEngine(host, port));
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return all.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return all.getServerSocketFactory();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return all.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return all.getClientSessionContext();
        }
    }

    private static final class Engine extends DelegatingEngine {
        Engine(SSLEngine all) {
            super(all);
        }

        @Override
        public void setSSLParameters(SSLParameters parameters) {
            parameters.setProtocols(new String[] {"TLSv1.2"});
            super.setSSLParameters(parameters);
        }
    }
}
