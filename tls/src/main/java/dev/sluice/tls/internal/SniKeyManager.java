package dev.sluice.tls.internal;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Chooses a key by the server name that the client asks for and the kinds of key that it can check. Immutable, so thread-safe; what
 * changes gets a new one.
 *
 * <p>A server prefers keys that the client's authorities issued, but rather offers another than none: many clients name
 * authorities that they do not insist on. A client offers only what the server's authorities issued: with anything else it would
 * show who it is for nothing. Servers' names play no part for clients, whose keys are the fallback's.
 */
public final class SniKeyManager extends X509ExtendedKeyManager {
    private final SniMap<KeyEntry> entries;
    private final Map<String, KeyEntry> byAlias = new LinkedHashMap<>();

    /** Creates a key manager; of entries with one alias, one is used. */
    public SniKeyManager(SniMap<KeyEntry> entries) {
        this.entries = entries;
        entries.values().forEach(entry -> byAlias.put(entry.alias(), entry));
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return serverAlias(keyType, issuers, engine == null ? null : engine.getHandshakeSession());
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return serverAlias(keyType, issuers, socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
    }

    private String serverAlias(String keyType, Principal[] issuers, SSLSession handshake) {
        List<KeyEntry> fitting = entries.find(requestedName(handshake)).stream()
                .filter(entry -> entry.isOfType(keyType))
                .toList();
        return fitting.stream()
                .filter(entry -> entry.isIssuedBy(issuers))
                .findFirst()
                .or(() -> fitting.stream().findFirst())
                .map(KeyEntry::alias)
                .orElse(null);
    }

    private static Optional<String> requestedName(SSLSession handshake) {
        if (!(handshake instanceof ExtendedSSLSession session)) {
            return Optional.empty();
        }
        for (SNIServerName name : requestedNames(session)) {
            if (name.getType() == StandardConstants.SNI_HOST_NAME) {
                return Optional.of(
                        name instanceof SNIHostName host
                                ? host.getAsciiName()
                                : new String(name.getEncoded(), StandardCharsets.US_ASCII));
            }
        }
        return Optional.empty();
    }

    /** Providers that know nothing of names do not override the method, which then throws. */
    private static List<SNIServerName> requestedNames(ExtendedSSLSession session) {
        try {
            List<SNIServerName> names = session.getRequestedServerNames();
            return names == null ? List.of() : names;
        } catch (UnsupportedOperationException e) {
            return List.of();
        }
    }

    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return clientAlias(keyTypes, issuers);
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return clientAlias(keyTypes, issuers);
    }

    /** The kinds of key are in the server's order of preference. */
    private String clientAlias(String[] keyTypes, Principal[] issuers) {
        return Stream.of(keyTypes)
                .flatMap(keyType -> clientEntries(keyType, issuers))
                .map(KeyEntry::alias)
                .findFirst()
                .orElse(null);
    }

    private Stream<KeyEntry> clientEntries(String keyType, Principal[] issuers) {
        return entries.find(Optional.empty()).stream()
                .filter(entry -> entry.isOfType(keyType) && entry.isIssuedBy(issuers));
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return aliases(clientEntries(keyType, issuers));
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return aliases(byAlias.values().stream().filter(entry -> entry.isOfType(keyType) && entry.isIssuedBy(issuers)));
    }

    /** None is null here, by the interface's contract. */
    @SuppressWarnings("ReturnsNullCollection")
    private static String[] aliases(Stream<KeyEntry> entries) {
        String[] aliases = entries.map(KeyEntry::alias).toArray(String[]::new);
        return aliases.length == 0 ? null : aliases;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        KeyEntry entry = byAlias.get(alias);
        return entry == null ? null : entry.chain();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        KeyEntry entry = byAlias.get(alias);
        return entry == null ? null : entry.privateKey();
    }
}
