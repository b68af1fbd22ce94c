package dev.sluice.tls.internal;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.InvalidParameterSpecException;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/** Opens encrypted PKCS#8 keys (RFC 5958, 3) with a password. */
final class EncryptedKey {
    /** Each costs time: what is beyond would let a file hold the caller for minutes. The JDK has the same limit for PKCS#12. */
    private static final int MAX_ITERATIONS = 5_000_000;

    private EncryptedKey() {}

    /** Returns the PKCS#8 encoding within. */
    static byte[] open(byte[] der, char[] password) throws KeyFormatException {
        EncryptedPrivateKeyInfo info = parse(der);
        AlgorithmParameters parameters = info.getAlgParameters();
        checkIterations(parameters);
        String algorithm = algorithm(info, parameters);
        PBEKeySpec spec = new PBEKeySpec(password);
        try {
            SecretKey key = SecretKeyFactory.getInstance(algorithm).generateSecret(spec);
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, key, parameters);
            return info.getKeySpec(cipher).getEncoded();
        } catch (NoSuchAlgorithmException e) {
            throw unknown(KeyFormatException.textOf(e), e);
        } catch (InvalidKeySpecException | InvalidKeyException e) {
            throw new KeyFormatException("holds an encrypted private key that the password does not open", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new KeyFormatException(
                    "holds an encrypted private key that cannot be opened: " + KeyFormatException.textOf(e), e);
        } finally {
            spec.clearPassword();
        }
    }

    /** The name is only "PBES2" up to JDK 18, but the parameters, as text, have always told which. */
    private static String algorithm(EncryptedPrivateKeyInfo info, AlgorithmParameters parameters) {
        String detailed = String.valueOf(parameters);
        return detailed.startsWith("PBEWith") ? detailed : info.getAlgName();
    }

    private static EncryptedPrivateKeyInfo parse(byte[] der) throws KeyFormatException {
        try {
            return new EncryptedPrivateKeyInfo(der);
        } catch (IOException | RuntimeException e) {
            throw unknown(KeyFormatException.textOf(e), e);
        }
    }

    private static KeyFormatException unknown(String why, Exception cause) {
        return new KeyFormatException(
                "holds an encrypted private key that this JDK cannot open (" + why + "), expected PBES2 with AES"
                        + " (convert it: openssl pkcs8 -topk8 -v2 aes256 -in old.key -out new.key)",
                cause);
    }

    private static void checkIterations(AlgorithmParameters parameters) throws KeyFormatException {
        if (parameters == null) {
            return;
        }
        int iterations;
        try {
            iterations = parameters.getParameterSpec(PBEParameterSpec.class).getIterationCount();
        } catch (InvalidParameterSpecException e) {
            throw new KeyFormatException("holds an encrypted private key without an iteration count", e);
        }
        if (iterations > MAX_ITERATIONS) {
            throw new KeyFormatException("holds an encrypted private key with " + iterations
                    + " iterations, expected at most " + MAX_ITERATIONS);
        }
    }
}
