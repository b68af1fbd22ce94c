package dev.sluice.tls;

import dev.sluice.tls.internal.CertificateChain;
import dev.sluice.tls.internal.KeyFormatException;
import dev.sluice.tls.internal.KeyPairCheck;
import dev.sluice.tls.internal.SelfSignedCertificate;
import dev.sluice.tls.internal.SubjectName;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who one is in TLS: a private key and the certificate chain for it. Servers need one, clients may have one.
 *
 * <p>A key that does not belong to its certificate is refused here, at once, rather than by peers later. A certificate that
 * expired is not: its time may not have come yet, clocks may be wrong, and the peer is the one to judge. {@link #toString()} and a
 * warning in the log say so.
 *
 * <p><b>Threading:</b> immutable. Two identities are equal if they are the same object.
 */
public final class Identity {
    private static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1", "::1");

    private final PrivateKey privateKey;
    private final List<X509Certificate> chain;

    private Identity(PrivateKey privateKey, List<X509Certificate> chain) {
        this.privateKey = privateKey;
        this.chain = chain;
    }

    /**
     * Returns an identity of a key and its certificates.
     *
     * @param privateKey may lie in a token (PKCS#11): it is only asked to sign
     * @param certificates the key's certificate and those that lead from it towards a trusted one, in any order
     * @throws IllegalArgumentException if the certificates are no chain, or the first of them is for another key
     */
    public static Identity of(PrivateKey privateKey, List<X509Certificate> certificates) {
        try {
            return checked(privateKey, CertificateChain.ordered(certificates));
        } catch (KeyFormatException e) {
            throw new IllegalArgumentException("not an identity: the list of certificates " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an identity: " + e.getMessage(), e);
        }
    }

    /** Refuses a key that is not the leaf's. */
    static Identity checked(PrivateKey privateKey, List<X509Certificate> chain) throws GeneralSecurityException {
        X509Certificate leaf = chain.get(0);
        boolean matches;
        try {
            matches = KeyPairCheck.matches(privateKey, leaf.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(
                    "the key cannot be checked against the certificate of '" + subject(leaf) + "': "
                            + KeyFormatException.textOf(e),
                    e);
        }
        if (!matches) {
            throw new GeneralSecurityException("the key (" + privateKey.getAlgorithm()
                    + ") does not belong to the certificate of '" + subject(leaf) + "' ("
                    + leaf.getPublicKey().getAlgorithm() + "): what it signs does not verify");
        }
        return new Identity(privateKey, chain);
    }

    /**
     * Reads an identity from PEM files: the key as PKCS#8, {@code RSA PRIVATE KEY} or {@code EC PRIVATE KEY}. Both paths may be the
     * same file.
     *
     * @param chain the key's certificate and those that lead from it towards a trusted one, in any order
     * @throws KeyMaterialException if a file cannot be read or is not what it should be; the text names it
     * @see IdentitySource to read them again later
     */
    public static Identity pem(Path chain, Path key) throws IOException {
        return IdentitySource.pem(chain, key).load();
    }

    /**
     * Reads an identity from PEM files, as {@link #pem(Path, Path)} does, with a key that may be encrypted (PKCS#8).
     *
     * @param password is not kept
     */
    public static Identity pem(Path chain, Path key, char[] password) throws IOException {
        return IdentitySource.pem(chain, key, password).load();
    }

    /**
     * Reads an identity from a PKCS#12 file with one key.
     *
     * @param password opens the file and the key; is not kept
     * @throws KeyMaterialException if the file cannot be read or is not what it should be, or holds several keys
     */
    public static Identity pkcs12(Path file, char[] password) throws IOException {
        return IdentitySource.pkcs12(file, password).load();
    }

    /**
     * Reads one identity of a PKCS#12 file.
     *
     * @param password opens the file and the key; is not kept
     * @param alias the name of the entry
     * @throws KeyMaterialException if the file cannot be read or is not what it should be, or holds no key of this name
     */
    public static Identity pkcs12(Path file, char[] password, String alias) throws IOException {
        return IdentitySource.pkcs12(file, password, alias).load();
    }

    /**
     * Makes a new key (P-256) and a certificate for it that nobody vouches for: for tests and first steps. Who is to connect has to be
     * given the certificate ({@link Trust#of}). It is valid from a day ago for a year.
     *
     * @param names DNS names and IP addresses; none for {@code localhost}, {@code 127.0.0.1} and {@code ::1}
     * @throws IllegalArgumentException if a name is neither
     */
    public static Identity selfSigned(String... names) {
        List<SubjectName> subjects = (names.length == 0 ? LOCAL_NAMES.stream() : Stream.of(names))
                .map(SubjectName::of)
                .toList();
        try {
            SelfSignedCertificate made = SelfSignedCertificate.create(subjects, Instant.now(), new SecureRandom());
            return new Identity(made.keys().getPrivate(), List.of(made.certificate()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("self-signed certificate: the JDK has no P-256 keys or SHA-256", e);
        }
    }

    /** Returns the key. It goes to whoever signs handshakes, and nowhere else. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** Returns the chain as it is sent: the key's certificate first, at least that. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** Returns the key's certificate. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Returns the names that the certificate is for, DNS names and IP addresses; empty if it has none. */
    public List<String> names() {
        try {
            var names = certificate().getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(1) instanceof String)
                            .map(name -> (String) name.get(1))
                            .toList();
        } catch (CertificateParsingException e) {
            // A certificate whose names cannot be read has none that would do.
            return List.of();
        }
    }

    /** Returns since when the certificate is valid. */
    public Instant validFrom() {
        return certificate().getNotBefore().toInstant();
    }

    /** Returns until when the certificate is valid. The chain's other certificates do not count. */
    public Instant validUntil() {
        return certificate().getNotAfter().toInstant();
    }

    /** Returns whether the certificate is valid at a point in time. */
    public boolean isValidAt(Instant instant) {
        return !instant.isBefore(validFrom()) && !instant.isAfter(validUntil());
    }

    /** Returns subject, names and time of validity, seen from {@code now}. */
    String describe(Instant now) {
        String validity = "valid until " + validUntil();
        if (now.isAfter(validUntil())) {
            validity = "EXPIRED " + validUntil();
        } else if (now.isBefore(validFrom())) {
            validity = "NOT VALID BEFORE " + validFrom();
        }
        return subject(certificate()) + " " + names() + ", " + privateKey.getAlgorithm() + ", " + validity;
    }

    private static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /** Returns what the certificate says of itself; nothing of the key but its kind. */
    @Override
    public String toString() {
        return describe(Instant.now());
    }
}
