package dev.sluice.tls.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A private key with its certificates out of a PKCS#12 file. Immutable.
 *
 * @param privateKey the key
 * @param certificates in the file's order
 */
public record Pkcs12(PrivateKey privateKey, List<X509Certificate> certificates) {
    /**
     * Reads a file's content; the password, which is for the file and the key, stays the caller's.
     *
     * @param alias which entry; if empty, there must be one key only
     * @throws KeyFormatException if there is no such key or it cannot be read; the text follows the file's name
     */
    public static Pkcs12 parse(byte[] content, char[] password, Optional<String> alias) throws KeyFormatException {
        KeyStore store = load(content, password);
        try {
            String name = alias.isPresent() ? existing(store, alias.get()) : onlyKey(store);
            Key key = store.getKey(name, password);
            if (!(key instanceof PrivateKey privateKey)) {
                throw new KeyFormatException("holds no private key as '" + name + "', expected one");
            }
            return new Pkcs12(privateKey, certificates(store, name));
        } catch (UnrecoverableKeyException e) {
            throw new KeyFormatException("holds a key that the file's password does not open", e);
        } catch (KeyFormatException e) {
            throw e;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw unreadable(e);
        }
    }

    private static KeyStore load(byte[] content, char[] password) throws KeyFormatException {
        if (content.length == 0) {
            throw new KeyFormatException("is empty, expected PKCS#12");
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), password);
            return store;
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new KeyFormatException("is not opened by the password", e);
            }
            throw unreadable(e);
        } catch (GeneralSecurityException | RuntimeException e) {
            // The JDK's reader throws unchecked exceptions at some of what it does not expect.
            throw unreadable(e);
        }
    }

    private static KeyFormatException unreadable(Exception cause) {
        return new KeyFormatException("is no PKCS#12 file: " + KeyFormatException.textOf(cause), cause);
    }

    private static String existing(KeyStore store, String alias) throws GeneralSecurityException {
        if (!store.isKeyEntry(alias)) {
            throw new KeyFormatException("holds no key '" + alias + "', but " + keys(store));
        }
        return alias;
    }

    private static String onlyKey(KeyStore store) throws GeneralSecurityException {
        List<String> keys = keys(store);
        if (keys.size() != 1) {
            throw new KeyFormatException("holds " + (keys.isEmpty() ? "no keys" : "the keys " + keys)
                    + ", expected one, or an alias that says which");
        }
        return keys.get(0);
    }

    private static List<String> keys(KeyStore store) throws GeneralSecurityException {
        List<String> keys = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                keys.add(alias);
            }
        }
        Collections.sort(keys);
        return keys;
    }

    private static List<X509Certificate> certificates(KeyStore store, String alias) throws GeneralSecurityException {
        Certificate[] chain = store.getCertificateChain(alias);
        List<X509Certificate> certificates = new ArrayList<>();
        for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
            if (certificate instanceof X509Certificate x509) {
                certificates.add(x509);
            }
        }
        if (certificates.isEmpty()) {
            throw new KeyFormatException("holds no certificate for the key '" + alias + "', expected one");
        }
        return List.copyOf(certificates);
    }
}
