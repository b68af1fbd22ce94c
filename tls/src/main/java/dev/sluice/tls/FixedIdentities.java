package dev.sluice.tls;

import dev.sluice.tls.internal.KeyEntry;
import dev.sluice.tls.internal.SniKeyManager;
import dev.sluice.tls.internal.SniMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;

/** Identities that stay as they are. Immutable. */
final class FixedIdentities implements Identities {
    private final SniMap<Identity> identities;

    /** Creates identities, several under one name in order of preference. */
    FixedIdentities(List<Identity> fallback, Map<String, List<Identity>> byName) {
        identities = SniMap.of(fallback, byName);
    }

    @Override
    public Identity choose(Optional<String> serverName) {
        return identities.find(serverName).get(0);
    }

    @Override
    public X509ExtendedKeyManager keyManager() {
        Map<Identity, KeyEntry> entries = new LinkedHashMap<>();
        return new SniKeyManager(identities.map(identity -> entries.computeIfAbsent(
                identity, key -> new KeyEntry("identity-" + entries.size(), key.privateKey(), key.chain()))));
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return () -> {};
    }

    @Override
    public String toString() {
        return identities.toString();
    }
}
