package dev.sluice.tls.internal;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * A certificate (RFC 5280) that its own key signed: P-256, for servers and clients. No public API of the JDK makes one.
 *
 * <p>It is no authority: {@code CA:FALSE}, and its key signs handshakes only. Whoever trusts it trusts this one key; libraries
 * that refuse authorities as a server's certificate accept it.
 *
 * @param keys the key pair made for it
 * @param certificate the certificate
 */
public record SelfSignedCertificate(KeyPair keys, X509Certificate certificate) {
    private static final Duration VALID_BEFORE = Duration.ofDays(1);
    private static final Duration VALID_AFTER = Duration.ofDays(365);
    /** RFC 5280 allows up to 20 octets; 16 make collisions impossible in practice. */
    private static final int SERIAL_BITS = 127;

    /** RFC 5280, appendix A: ub-common-name. */
    private static final int MAX_COMMON_NAME = 64;

    private static final int VERSION_3 = 2;
    private static final int DIGITAL_SIGNATURE = 0x80;
    private static final String OID_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    private static final String OID_COMMON_NAME = "2.5.4.3";
    private static final String OID_SUBJECT_KEY_ID = "2.5.29.14";
    private static final String OID_KEY_USAGE = "2.5.29.15";
    private static final String OID_SUBJECT_ALT_NAME = "2.5.29.17";
    private static final String OID_BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String OID_AUTHORITY_KEY_ID = "2.5.29.35";
    private static final String OID_EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String OID_SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String OID_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    /**
     * Makes a key and a certificate for it, valid from a day before {@code now} to a year after.
     *
     * @param names at least one
     */
    public static SelfSignedCertificate create(List<SubjectName> names, Instant now, SecureRandom random)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair keys = generator.generateKeyPair();
        byte[] body = body(names, now, random, keys.getPublic().getEncoded());
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(keys.getPrivate(), random);
        signer.update(body);
        byte[] certificate = Der.sequence(body, signatureAlgorithm(), Der.bitString(signer.sign()));
        return new SelfSignedCertificate(keys, CertificateChain.decode(certificate, 1));
    }

    /** TBSCertificate of RFC 5280, 4.1. */
    private static byte[] body(List<SubjectName> names, Instant now, SecureRandom random, byte[] publicKey)
            throws GeneralSecurityException {
        byte[] name = distinguishedName(commonName(names.get(0).text()));
        return Der.sequence(
                Der.explicit(0, Der.integer(VERSION_3)),
                Der.integer(new BigInteger(SERIAL_BITS, random).setBit(0)),
                signatureAlgorithm(),
                name,
                Der.sequence(Der.time(now.minus(VALID_BEFORE)), Der.time(now.plus(VALID_AFTER))),
                name,
                publicKey,
                Der.explicit(3, extensions(names, keyId(publicKey))));
    }

    /** For people to read: the names that count are the alternative ones. */
    private static String commonName(String name) {
        return name.length() > MAX_COMMON_NAME ? "self-signed" : name;
    }

    private static byte[] signatureAlgorithm() {
        return Der.sequence(Der.oid(OID_ECDSA_WITH_SHA256));
    }

    private static byte[] distinguishedName(String commonName) {
        return Der.sequence(Der.setOf(Der.sequence(Der.oid(OID_COMMON_NAME), Der.utf8(commonName))));
    }

    private static byte[] extensions(List<SubjectName> names, byte[] keyId) {
        byte[][] altNames = names.stream().map(SubjectName::encoded).toArray(byte[][]::new);
        return Der.sequence(
                extension(OID_SUBJECT_ALT_NAME, false, Der.sequence(altNames)),
                // Not an authority, which is the default and so left out: an empty sequence.
                extension(OID_BASIC_CONSTRAINTS, true, Der.sequence()),
                extension(OID_KEY_USAGE, true, Der.namedBits(DIGITAL_SIGNATURE)),
                extension(
                        OID_EXTENDED_KEY_USAGE,
                        false,
                        Der.sequence(Der.oid(OID_SERVER_AUTH), Der.oid(OID_CLIENT_AUTH))),
                extension(OID_SUBJECT_KEY_ID, false, Der.octetString(keyId)),
                extension(OID_AUTHORITY_KEY_ID, false, Der.sequence(Der.implicit(0, keyId))));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octetString(value))
                : Der.sequence(Der.oid(oid), Der.octetString(value));
    }

    /** The first 160 bits of a SHA-256 (RFC 7093, 2), over all of the public key: any unique value will do. */
    private static byte[] keyId(byte[] publicKey) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(publicKey);
        return Arrays.copyOf(digest, 20);
    }
}
