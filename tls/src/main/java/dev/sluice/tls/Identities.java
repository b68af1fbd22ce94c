package dev.sluice.tls;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Where a server takes its identity from, by the name that the client asks for (server name indication, RFC 6066, 3). Fixed, or
 * {@linkplain WatchedIdentities changing} with the files that it is read from.
 *
 * <p><b>Threading:</b> thread-safe; {@link #choose} does not block.
 */
public sealed interface Identities permits FixedIdentities, WatchedIdentities {
    /**
     * Returns an identity for all clients.
     *
     * @param alternatives identities with keys of other kinds, best first, for clients that cannot check the preferred one's: RSA
     *     beside ECDSA. Conscrypt knows no alternatives: with it, any one of them is shown
     */
    static Identities of(Identity preferred, Identity... alternatives) {
        List<Identity> all =
                Stream.concat(Stream.of(preferred), Stream.of(alternatives)).toList();
        return new FixedIdentities(all, Map.of());
    }

    /**
     * Returns an identity for each name.
     *
     * @param fallback for clients that ask for no name or an unknown one
     * @param byName by DNS name, or {@code *.} and a DNS name, which stands for one label before it; upper and lower case are the
     *     same. A name leads to its identity even if the certificate is not for it
     * @throws IllegalArgumentException if a name is no DNS name or stands twice
     */
    static Identities bySni(Identity fallback, Map<String, Identity> byName) {
        Map<String, List<Identity>> lists = new LinkedHashMap<>();
        byName.forEach((name, identity) -> lists.put(name, List.of(identity)));
        return new FixedIdentities(List.of(fallback), lists);
    }

    /**
     * Returns identities for each name, as {@link #bySni(Identity, Map)} does, several with keys of different kinds, best first.
     *
     * @throws IllegalArgumentException also if a list is empty
     */
    static Identities bySni(List<Identity> fallback, Map<String, List<Identity>> byName) {
        return new FixedIdentities(fallback, byName);
    }

    /**
     * Returns the identity for a client, as things stand now; of several, the preferred one.
     *
     * @param serverName what the client asks for; any text
     */
    Identity choose(Optional<String> serverName);

    /**
     * Returns a key manager for the identities as they stand now, which never changes. It chooses as {@link #choose} does, but
     * takes an alternative if the client cannot check the preferred key. Clients use it, too: they offer the fallback's identity.
     */
    X509ExtendedKeyManager keyManager();

    /**
     * Has a listener called after each change, when {@link #choose} already returns what is new. It is called on the thread that found
     * the change, one call at a time, and should be quick; what it throws is logged. Fixed identities never call.
     */
    Subscription onChange(Runnable listener);

    /** Ends the calls to a listener when closed; a call that is under way may still finish. */
    interface Subscription extends AutoCloseable {
        /** Ends the calls; more than once is as good as once. */
        @Override
        void close();
    }
}
