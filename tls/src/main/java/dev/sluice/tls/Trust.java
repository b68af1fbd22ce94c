package dev.sluice.tls;

import dev.sluice.tls.internal.CertificateChain;
import dev.sluice.tls.internal.InsecureTrustManager;
import dev.sluice.tls.internal.KeyFormatException;
import dev.sluice.tls.internal.SourceFile;
import dev.sluice.tls.internal.TrustManagers;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom to trust: the authorities whose certificates a peer's must come from, or single certificates.
 *
 * <p><b>Threading:</b> immutable. Files are read once.
 */
public final class Trust {
    private static final Logger LOG = System.getLogger(Trust.class.getName());

    private final String description;
    private final boolean insecure;
    private final Source source;

    private Trust(String description, Source source) {
        this(description, false, source);
    }

    private Trust(String description, boolean insecure, Source source) {
        this.description = description;
        this.insecure = insecure;
        this.source = source;
    }

    private interface Source {
        X509ExtendedTrustManager[] managers(Optional<Provider> provider) throws GeneralSecurityException;
    }

    /**
     * Returns trust in the authorities that the JVM trusts: its {@code cacerts}, or what the system property
     * {@code javax.net.ssl.trustStore} names.
     */
    public static Trust system() {
        return new Trust("the JVM's authorities", TrustManagers::system);
    }

    /**
     * Returns trust in the certificates of a PEM file, one or many, and what they issued; in nothing else.
     *
     * @throws KeyMaterialException if the file cannot be read or holds no certificate; the text names it
     */
    public static Trust pem(Path file) throws IOException {
        try {
            return anchored(file.toString(), CertificateChain.parse(SourceFile.read(file)));
        } catch (KeyFormatException e) {
            throw new KeyMaterialException(file, e.getMessage(), e);
        }
    }

    /**
     * Returns trust in these certificates and what they issued; in nothing else. Certificates that are no authorities are trusted
     * themselves, self-signed ones for example.
     *
     * @throws IllegalArgumentException if there are none: that would trust nobody
     */
    public static Trust of(X509Certificate... certificates) {
        if (certificates.length == 0) {
            throw new IllegalArgumentException(
                    "trust in no certificate would refuse every peer: expected at least one");
        }
        return anchored("given", List.of(certificates));
    }

    private static Trust anchored(String where, List<X509Certificate> certificates) {
        String first = certificates.get(0).getSubjectX500Principal().getName();
        String others = certificates.size() == 1 ? "" : " and " + (certificates.size() - 1) + " more";
        return new Trust(where + ": " + first + others, provider -> TrustManagers.anchored(certificates, provider));
    }

    /**
     * <b>Turns the protection of TLS off.</b> Whoever sits between client and server can read and change everything, because any
     * certificate is accepted: expired, for another name, made up a moment ago. Host names are not checked either, whatever else is
     * configured. <b>Never use it outside of experiments on one machine.</b> To trust a self-signed certificate, use
     * {@link #of(X509Certificate...)} or {@link #pem(Path)}, which are as easy and safe.
     *
     * <p>Its first use is logged as a warning.
     */
    public static Trust insecureTrustAnything() {
        AtomicBoolean warned = new AtomicBoolean();
        return new Trust("ANYTHING (insecure)", true, provider -> {
            if (!warned.getAndSet(true)) {
                LOG.log(Level.WARNING, "TLS trusts any certificate (Trust.insecureTrustAnything): it protects nothing");
            }
            return new X509ExtendedTrustManager[] {new InsecureTrustManager()};
        });
    }

    /**
     * Returns trust managers of the JVM's preferred provider, one at least, to initialise an SSLContext with.
     *
     * @throws GeneralSecurityException if the provider cannot make them, for example as the JVM's file of authorities is broken
     */
    public X509ExtendedTrustManager[] trustManagers() throws GeneralSecurityException {
        return source.managers(Optional.empty());
    }

    /**
     * Returns trust managers of the provider of the SSLContext: others may not know its names for kinds of handshakes. Those of the
     * JVM's preferred provider if it has none.
     *
     * @throws GeneralSecurityException if the provider cannot make them
     */
    public X509ExtendedTrustManager[] trustManagers(Provider provider) throws GeneralSecurityException {
        return source.managers(Optional.of(provider));
    }

    /** Returns whether this accepts any certificate for any name. */
    boolean isInsecure() {
        return insecure;
    }

    /** Returns whom this trusts. */
    @Override
    public String toString() {
        return "Trust[" + description + "]";
    }
}
