package dev.sluice.tls.internal;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * Whether a private and a public key belong together. A signature tells, for keys of all kinds, and for those that lie in a
 * token and cannot be looked at.
 */
public final class KeyPairCheck {
    private static final int NONCE_BYTES = 32;

    private KeyPairCheck() {}

    /** Returns whether what the one key signs verifies with the other. Keys of different kinds do not match. */
    public static boolean matches(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        if (!algorithm(privateKey).equals(algorithm(publicKey))) {
            return false;
        }
        byte[] nonce = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(nonce);
        try {
            Signature signer = signature(privateKey);
            signer.initSign(privateKey);
            signer.update(nonce);
            byte[] signed = signer.sign();
            Signature verifier = signature(publicKey);
            verifier.initVerify(publicKey);
            verifier.update(nonce);
            return verifier.verify(signed);
        } catch (java.security.SignatureException e) {
            // Keys of different lengths or curves: the signature cannot even be read.
            return false;
        } catch (RuntimeException e) {
            throw new GeneralSecurityException(KeyFormatException.textOf(e), e);
        }
    }

    private static Signature signature(Key key) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm(key));
        if (key.getAlgorithm().equals("RSASSA-PSS")) {
            signature.setParameter(pssParameters(key));
        }
        return signature;
    }

    private static AlgorithmParameterSpec pssParameters(Key key) {
        AlgorithmParameterSpec bound = key instanceof RSAKey rsa ? rsa.getParams() : null;
        return bound == null
                ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, NONCE_BYTES, 1)
                : bound;
    }

    private static String algorithm(Key key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC", "ECDSA" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            // Names differ between providers and between the two keys; as a signature, this one means both curves.
            case "Ed25519", "Ed448", "EdDSA" -> "EdDSA";
            default -> key.getAlgorithm();
        };
    }
}
