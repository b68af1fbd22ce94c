package dev.sluice.tls.internal;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * Reads the one private key of a PEM file: PKCS#8, plain or encrypted, and the older RSA (PKCS#1) and EC (SEC1) forms, which
 * are wrapped into PKCS#8, the only form that the JDK reads.
 */
public final class PrivateKeys {
    private static final String EXPECTED = "a private key";
    private static final String OID_RSA = "1.2.840.113549.1.1.1";
    private static final String OID_EC = "1.2.840.10045.2.1";
    /** The tag of SEC1's curve: [0] EXPLICIT. */
    private static final int SEC1_CURVE = 0xa0;

    private PrivateKeys() {}

    /**
     * Reads an unencrypted key.
     *
     * @throws KeyFormatException if there is none, more than one, or one that cannot be read; the text follows the file's name
     */
    public static PrivateKey parse(byte[] pem) throws KeyFormatException {
        PemFile file = PemFile.parse(pem, EXPECTED);
        PemBlock block = onlyKey(file);
        if (block.label().equals(PemBlock.ENCRYPTED_KEY)) {
            throw new KeyFormatException("holds an encrypted private key, expected a password with it");
        }
        return decode(pkcs8(block, file));
    }

    /**
     * Reads a key that may be encrypted; the password stays the caller's.
     *
     * @throws KeyFormatException as without a password, or if the password does not open it
     */
    public static PrivateKey parse(byte[] pem, char[] password) throws KeyFormatException {
        PemFile file = PemFile.parse(pem, EXPECTED);
        PemBlock block = onlyKey(file);
        boolean encrypted = block.label().equals(PemBlock.ENCRYPTED_KEY);
        return decode(encrypted ? EncryptedKey.open(block.der(), password) : pkcs8(block, file));
    }

    private static PemBlock onlyKey(PemFile file) throws KeyFormatException {
        List<PemBlock> keys =
                file.blocks().stream().filter(PemBlock::isPrivateKey).toList();
        if (keys.isEmpty()) {
            throw new KeyFormatException("holds " + file.describe() + ", expected " + EXPECTED);
        }
        if (keys.size() > 1) {
            throw new KeyFormatException("holds " + keys.size() + " private keys, expected one");
        }
        return keys.get(0);
    }

    private static byte[] pkcs8(PemBlock block, PemFile file) throws KeyFormatException {
        if (block.hasHeaders()) {
            throw new KeyFormatException("holds a key encrypted in OpenSSL's old way, expected PKCS#8"
                    + " (convert it: openssl pkcs8 -topk8 -in old.key -out new.key)");
        }
        return switch (block.label()) {
            case PemBlock.PKCS8_KEY -> block.der();
            case PemBlock.RSA_KEY -> wrap(Der.oid(OID_RSA), Der.nul(), block.der());
            case PemBlock.EC_KEY -> wrap(Der.oid(OID_EC), curve(block, file), block.der());
            default ->
                throw new KeyFormatException("holds " + block.describe()
                        + ", expected PKCS#8 (PRIVATE KEY), RSA PRIVATE KEY or EC PRIVATE KEY");
        };
    }

    /** PrivateKeyInfo of RFC 5208. */
    private static byte[] wrap(byte[] algorithm, byte[] parameters, byte[] key) {
        return Der.sequence(Der.integer(0), Der.sequence(algorithm, parameters), Der.octetString(key));
    }

    /** The curve of an ECPrivateKey (RFC 5915): within it, or in the block that OpenSSL writes before it. */
    private static byte[] curve(PemBlock block, PemFile file) throws KeyFormatException {
        DerReader key = DerReader.of(block.der()).expect(Der.SEQUENCE, "EC key").enter();
        key.expect(Der.INTEGER, "version").expect(Der.OCTET_STRING, "key");
        for (int tag = key.next(); tag >= 0; tag = key.next()) {
            if (tag == SEC1_CURVE) {
                return named(key.content());
            }
        }
        for (PemBlock other : file.blocks()) {
            if (other.label().equals(PemBlock.EC_PARAMETERS)) {
                return named(other.der());
            }
        }
        throw new KeyFormatException("holds an EC private key that does not say its curve");
    }

    private static byte[] named(byte[] parameters) throws KeyFormatException {
        if (DerReader.of(parameters).next() != Der.OBJECT_IDENTIFIER) {
            throw new KeyFormatException(
                    "holds an EC private key with a curve spelled out, expected the name of a curve"
                            + " (convert it: openssl ec -in old.key -param_enc named_curve -out new.key)");
        }
        return parameters;
    }

    private static PrivateKey decode(byte[] pkcs8) throws KeyFormatException {
        String algorithm = algorithm(pkcs8);
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (NoSuchAlgorithmException e) {
            throw new KeyFormatException(
                    "holds a private key of the kind " + algorithm + ", which this JDK does not know", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            // Some decoders of the JDK throw unchecked exceptions at what they do not expect.
            throw new KeyFormatException("holds a private key that cannot be read: " + KeyFormatException.textOf(e), e);
        }
    }

    /** The JDK knows nearly all kinds of keys by the identifier that stands in them. */
    private static String algorithm(byte[] pkcs8) throws KeyFormatException {
        DerReader info =
                DerReader.of(pkcs8).expect(Der.SEQUENCE, "PKCS#8 structure").enter();
        info.expect(Der.INTEGER, "version").expect(Der.SEQUENCE, "algorithm");
        String oid = info.enter().expect(Der.OBJECT_IDENTIFIER, "algorithm").oid();
        return oid.equals(OID_EC) ? "EC" : oid;
    }
}
