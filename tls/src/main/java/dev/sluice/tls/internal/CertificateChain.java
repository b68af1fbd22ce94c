package dev.sluice.tls.internal;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads certificates, and puts them into the order in which TLS sends them: each followed by its issuer. */
public final class CertificateChain {
    /** Chains have two or three; ordering takes time that grows with the square. */
    private static final int MAX_LENGTH = 32;

    private static final String EXPECTED = "a certificate";

    private CertificateChain() {}

    /**
     * Reads the certificates of a PEM file, in the file's order; other blocks are passed over.
     *
     * @return at least one
     * @throws KeyFormatException if there is none or one is broken; the text follows the file's name
     */
    public static List<X509Certificate> parse(byte[] pem) throws KeyFormatException {
        PemFile file = PemFile.parse(pem, EXPECTED);
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemBlock block : file.blocks()) {
            if (block.isCertificate()) {
                certificates.add(decode(block.der(), certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new KeyFormatException("holds " + file.describe() + ", expected " + EXPECTED);
        }
        return certificates;
    }

    static X509Certificate decode(byte[] der, int number) throws KeyFormatException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException | RuntimeException e) {
            throw new KeyFormatException(
                    "holds a certificate (number " + number + ") that cannot be read: " + KeyFormatException.textOf(e),
                    e);
        }
    }

    /**
     * Returns the certificates as a chain, whatever their order: first the one that issued no other, then its issuer, and so on.
     * A certificate that stands twice counts once. Other certificates for the key of one in the chain (cross-certificates) come
     * last.
     *
     * @throws KeyFormatException if they are no chain, or too many; the text follows the name of where they are from
     */
    public static List<X509Certificate> ordered(List<X509Certificate> certificates) throws KeyFormatException {
        Set<X509Certificate> rest = new LinkedHashSet<>(certificates);
        if (rest.isEmpty() || rest.size() > MAX_LENGTH) {
            throw new KeyFormatException(
                    "holds " + rest.size() + " certificates, expected a chain of 1 to " + MAX_LENGTH);
        }
        List<X509Certificate> chain = new ArrayList<>();
        X509Certificate next = leaf(rest);
        while (next != null) {
            chain.add(next);
            rest.remove(next);
            next = issuer(next, rest);
        }
        for (X509Certificate other : rest) {
            if (chain.stream().noneMatch(member -> isSameAuthority(member, other))) {
                throw new KeyFormatException(
                        "is no chain: '" + name(other) + "' is not among the issuers of '" + name(chain.get(0)) + "'");
            }
        }
        chain.addAll(rest);
        return List.copyOf(chain);
    }

    private static X509Certificate leaf(Set<X509Certificate> certificates) throws KeyFormatException {
        List<X509Certificate> leaves = certificates.stream()
                .filter(candidate -> certificates.stream()
                        .noneMatch(other -> !other.equals(candidate) && isIssued(other, candidate)))
                .toList();
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        if (leaves.isEmpty()) {
            throw new KeyFormatException("is no chain: the certificates issued each other");
        }
        throw new KeyFormatException("is no chain: it has nothing that leads from '" + name(leaves.get(0)) + "' to '"
                + name(leaves.get(1)) + "'");
    }

    private static X509Certificate issuer(X509Certificate certificate, Set<X509Certificate> candidates) {
        for (X509Certificate candidate : candidates) {
            if (isIssued(certificate, candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** The name is compared first: a signature takes a thousand times as long to check. */
    private static boolean isIssued(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (NoSuchAlgorithmException e) {
            // It may be good, only not for us to say: who trusts it can check it.
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    private static boolean isSameAuthority(X509Certificate one, X509Certificate other) {
        return one.getSubjectX500Principal().equals(other.getSubjectX500Principal())
                && one.getPublicKey().equals(other.getPublicKey());
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }
}
