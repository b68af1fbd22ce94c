package dev.sluice.tls.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds by the name that a client asks for (server name indication, RFC 6066, 3): the exact name, else a wildcard for it, else
 * the fallback. Each leads to one value or several in order of preference. Immutable.
 *
 * @param <T> what is found
 */
public final class SniMap<T> {
    private static final String WILDCARD = "*.";

    private final List<T> fallback;
    private final Map<String, List<T>> byName;

    private SniMap(List<T> fallback, Map<String, List<T>> byName) {
        this.fallback = fallback;
        this.byName = byName;
    }

    /**
     * Returns a map.
     *
     * @param fallback for clients that ask for no name or an unknown one; at least one
     * @param byName by DNS name, or {@code *.} and a DNS name, which stands for one label before it, as in certificates;
     *     upper and lower case are the same
     * @throws IllegalArgumentException if a name is no DNS name, stands twice, or leads to nothing
     */
    public static <T> SniMap<T> of(List<T> fallback, Map<String, List<T>> byName) {
        Map<String, List<T>> normalised = new LinkedHashMap<>();
        byName.forEach((name, values) -> {
            requireValues(values, "'" + name + "'");
            if (normalised.put(SubjectName.dnsName(name), List.copyOf(values)) != null) {
                throw new IllegalArgumentException(
                        "the name '" + name + "' stands twice, but for upper and lower case");
            }
        });
        requireValues(fallback, "the fallback");
        return new SniMap<>(List.copyOf(fallback), normalised);
    }

    private static void requireValues(List<?> values, String what) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(what + " needs at least one identity");
        }
    }

    /** Returns what there is for a name from a client, best first; at least one. The name may be any text. */
    public List<T> find(Optional<String> serverName) {
        return serverName.map(this::byName).orElse(fallback);
    }

    private List<T> byName(String serverName) {
        String name = serverName.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        List<T> exact = name.startsWith(WILDCARD) ? null : byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot <= 0 ? fallback : byName.getOrDefault(WILDCARD + name.substring(dot + 1), fallback);
    }

    /** Returns a map of the same names to other things. */
    public <R> SniMap<R> map(Function<T, R> function) {
        Map<String, List<R>> mapped = new LinkedHashMap<>();
        byName.forEach(
                (name, values) -> mapped.put(name, values.stream().map(function).toList()));
        return new SniMap<>(fallback.stream().map(function).toList(), mapped);
    }

    /** Returns all values, each once for each name that leads to it, the fallback first. */
    public List<T> values() {
        List<T> all = new ArrayList<>(fallback);
        byName.values().forEach(all::addAll);
        return List.copyOf(all);
    }

    @Override
    public String toString() {
        return byName.isEmpty() ? fallback.toString() : byName + ", else " + fallback;
    }
}
