package dev.sluice.streamrpc.framed;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.streamrpc.framed.internal.FirstRequest;
import dev.sluice.streamrpc.framed.internal.ServerConfig;
import dev.sluice.streamrpc.internal.RequestMemory;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The server side of the framed RPC as a {@link Protocol}. Either with extensions, and a magic of its own; or plain, as its first implementation
 * spoke it, and then for all clients that no magic claims.
 *
 * <p>A connection has a thread of the executor from its first request on until it ends: calls come one after the other, and are handled on it. When
 * the server stops, connections end as soon as no call is under way on them.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class FramedServer implements Protocol {
    private final ServerConfig config;

    private FramedServer(Builder builder) {
        Executor executor = builder.executor.orElseGet(
                () -> HandlerThreads.create("sluice-framed", HandlerThreads.DEFAULT_MAX_THREADS));
        config = ServerConfig.of(
                builder.endpoints.table(),
                builder.extended,
                executor,
                builder.limits,
                new RequestMemory(builder.maxRequestMemory, "FramedServer.Builder.maxRequestMemory"),
                FramedRpc.keepAlive(builder.idleTimeout, builder.extended, "FramedServer.Builder.idleTimeout"));
    }

    /** Returns a builder of a server with extensions. */
    public static Builder builder(Endpoints endpoints) {
        return new Builder(endpoints);
    }

    @Override
    public String name() {
        return config.extended() ? "framedrpc" : "framedrpc-plain";
    }

    @Override
    public Optional<Magic> magic() {
        return config.extended() ? Optional.of(FramedRpc.MAGIC) : Optional.empty();
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        return new FirstRequest(config, handshake);
    }

    @Override
    public void drain() {
        config.drain();
    }

    /** Returns the counters. */
    public Stats stats() {
        return config.counters().snapshot();
    }

    /**
     * What a server has done since it started. Immutable.
     *
     * @param answered calls whose handler returned something that could be sent
     * @param failed calls that were answered with an error, and octets whose source failed
     */
    public record Stats(long answered, long failed) {}

    /** Collects settings. Not thread-safe. */
    public static final class Builder {
        private final Endpoints endpoints;
        private boolean extended = true;
        private Optional<Executor> executor = Optional.empty();
        private FramedLimits limits = FramedLimits.DEFAULT;
        private long maxRequestMemory = 64 << 20;
        private Optional<Duration> idleTimeout = Optional.empty();

        private Builder(Endpoints endpoints) {
            this.endpoints = Objects.requireNonNull(endpoints, "endpoints");
        }

        /** Speaks the protocol without extensions, to all clients that no other protocol's magic claims. */
        public Builder plain() {
            extended = false;
            return this;
        }

        /**
         * Sets where connections are served. A refusal is told as a reset. Default: virtual threads where the JDK has them, else a pool of
         * {@link HandlerThreads#DEFAULT_MAX_THREADS}, which is then the number of connections that can be served at a time.
         */
        public Builder executor(Executor handlers) {
            executor = Optional.of(handlers);
            return this;
        }

        /** Sets how large messages may be. Default: {@link FramedLimits#DEFAULT}. */
        public Builder limits(FramedLimits messageLimits) {
            limits = Objects.requireNonNull(messageLimits, "limits");
            return this;
        }

        /**
         * Sets how many bytes the requests in JSON that are not yet complete may hold together, at least 1 MiB; who would exceed it is
         * told a reset. Default: 64 MiB.
         */
        public Builder maxRequestMemory(long bytes) {
            if (bytes < 1 << 20) {
                throw new IllegalArgumentException("maxRequestMemory must be at least 1 MiB, is " + bytes);
            }
            maxRequestMemory = bytes;
            return this;
        }

        /**
         * Sets how long a client may be silent while the server waits for it: no byte of it comes, and it takes none. It is then cut with
         * {@link dev.sluice.nio.Reason#TIMEOUT}. The time that handlers take does not count. Default: 10 s with extensions, where every client that
         * lives says so each 5 s; else 5 min, between calls as well.
         *
         * @param limit zero for none; with extensions else at least 10 s
         */
        public Builder idleTimeout(Duration limit) {
            idleTimeout = Optional.of(limit);
            return this;
        }

        /** Creates the server side. */
        public FramedServer build() {
            return new FramedServer(this);
        }
    }
}
