package dev.sluice.tls.internal;

import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A key with its chain, as key managers know it: by an alias. Immutable. */
public final class KeyEntry {
    private final String alias;
    private final PrivateKey privateKey;
    private final List<X509Certificate> chain;
    private final Set<String> keyTypes;

    /**
     * Creates an entry.
     *
     * @param alias unique among the entries of a key manager
     * @param chain leaf first, at least one
     */
    public KeyEntry(String alias, PrivateKey privateKey, List<X509Certificate> chain) {
        this.alias = alias;
        this.privateKey = privateKey;
        this.chain = List.copyOf(chain);
        this.keyTypes = keyTypes(chain.get(0).getPublicKey().getAlgorithm());
    }

    /** The names by which TLS providers ask for a key of this kind. BouncyCastle's TLS 1.2 asks by key exchange. */
    private static Set<String> keyTypes(String algorithm) {
        return switch (algorithm) {
            case "EC", "ECDSA" -> Set.of("EC", "EC_EC", "ECDHE_ECDSA");
            case "RSA" -> Set.of("RSA", "ECDHE_RSA", "DHE_RSA", "KE:RSA");
            case "EdDSA", "Ed25519", "Ed448" -> Set.of("EdDSA", "Ed25519", "Ed448");
            default -> Set.of(algorithm);
        };
    }

    String alias() {
        return alias;
    }

    PrivateKey privateKey() {
        return privateKey;
    }

    X509Certificate[] chain() {
        return chain.toArray(X509Certificate[]::new);
    }

    /**
     * Returns whether the key is of a kind, named as JSSE or BouncyCastle do. The latter adds the curve ("EC/secp256r1") and
     * checks itself whether it is the right one.
     */
    boolean isOfType(String keyType) {
        int slash = keyType.indexOf('/');
        return keyTypes.contains(slash < 0 ? keyType : keyType.substring(0, slash));
    }

    /** Returns whether one of these authorities, if any are named, issued a certificate in the chain. */
    boolean isIssuedBy(Principal[] issuers) {
        if (issuers == null || issuers.length == 0) {
            return true;
        }
        List<Principal> accepted = Arrays.asList(issuers);
        return chain.stream().anyMatch(certificate -> accepted.contains(certificate.getIssuerX500Principal()));
    }
}
