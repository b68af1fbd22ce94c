package dev.sluice.streamrpc.framed;

import dev.sluice.streamrpc.framed.internal.EndpointTable;
import dev.sluice.streamrpc.framed.internal.ServedEndpoint;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Endpoints by their names: what a server serves and a process has within. Immutable.
 *
 * <pre>{@code
 * Endpoints endpoints = Endpoints.builder(JacksonBodies.create())
 *         .add("Sum", Numbers.class, Total.class, numbers -> new Total(numbers.sum()))
 *         .add("Fetch", Name.class, Octets.class, name -> Octets.of(open(name), 0, size(name)))
 *         .annotated(archive)                                   // its methods with @EndpointName
 *         .build();
 * }</pre>
 */
public final class Endpoints {
    private final BodyCodec codec;
    private final EndpointTable table;

    private Endpoints(Builder builder) {
        codec = builder.codec;
        table = new EndpointTable(Map.copyOf(builder.byName));
    }

    /**
     * Returns a builder.
     *
     * @param codec for all that is not {@link Octets}
     */
    public static Builder builder(BodyCodec codec) {
        return new Builder(codec);
    }

    /** Returns the names. */
    public Set<String> names() {
        return table.names();
    }

    EndpointTable table() {
        return table;
    }

    BodyCodec codec() {
        return codec;
    }

    /** Collects endpoints. What cannot be one, as a second of the same name, throws {@link IllegalArgumentException}. Not thread-safe. */
    public static final class Builder {
        private final BodyCodec codec;
        private final Map<String, ServedEndpoint> byName = new LinkedHashMap<>();

        private Builder(BodyCodec codec) {
            this.codec = Objects.requireNonNull(codec, "codec");
        }

        /** Adds a lambda, or an object, as the handler of an endpoint. */
        public <I, O> Builder add(
                String name, Class<I> input, Class<O> output, EndpointHandler<? super I, ? extends O> handler) {
            Objects.requireNonNull(handler, "handler");
            return add(ServedEndpoint.of(name, input, output, codec, in -> handler.handle(input.cast(in))));
        }

        /** Adds a method handle of one parameter; its type says what comes and goes. */
        public Builder add(String name, MethodHandle handler) {
            return add(ServedEndpoint.of(name, handler, codec));
        }

        /**
         * Adds each method of an object that is marked with {@link EndpointName}, whatever its access. The types are those that it declares, with
         * their type arguments. If the object's class is in a module, its package has to be open to this one.
         */
        public Builder annotated(Object handlers) {
            int before = byName.size();
            for (Class<?> type = handlers.getClass(); type != null; type = type.getSuperclass()) {
                for (Method method : type.getDeclaredMethods()) {
                    EndpointName name = method.getAnnotation(EndpointName.class);
                    if (name != null && !method.isBridge()) {
                        add(ServedEndpoint.of(name.value(), method, handlers, MethodHandles.lookup(), codec));
                    }
                }
            }
            if (byName.size() == before) {
                throw new IllegalArgumentException(
                        "no method of " + handlers.getClass().getName() + " is marked with @EndpointName");
            }
            return this;
        }

        private Builder add(ServedEndpoint endpoint) {
            if (byName.putIfAbsent(endpoint.name(), endpoint) != null) {
                throw new IllegalArgumentException("already set up an endpoint for '" + endpoint.name() + "'");
            }
            return this;
        }

        /** Returns what was added so far. */
        public Endpoints build() {
            return new Endpoints(this);
        }
    }
}
