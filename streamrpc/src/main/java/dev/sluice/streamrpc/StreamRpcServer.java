package dev.sluice.streamrpc;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.streamrpc.internal.CallCounters;
import dev.sluice.streamrpc.internal.MethodFailures;
import dev.sluice.streamrpc.internal.MethodTable;
import dev.sluice.streamrpc.internal.RequestMemory;
import dev.sluice.streamrpc.internal.ServerConfig;
import dev.sluice.streamrpc.internal.ServerHandshake;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The server side of StreamRPC 00 (docs/protocols.md, section 2) as a {@link Protocol}: reads the request, runs interceptors and the
 * method on an executor, answers.
 *
 * <p>The whole handshake, the handler's time until it accepts included, runs under the server's handshake timeout. When the
 * server stops, requests that come then are rejected with {@code streamrpc: server already stopped}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class StreamRpcServer implements Protocol {
    private final ServerConfig config;
    private final CallCounters counters = new CallCounters();
    private volatile boolean draining;

    private StreamRpcServer(Builder builder) {
        List<ServerServiceDefinition> services = new ArrayList<>();
        for (ServerServiceDefinition service : builder.services) {
            ServerServiceDefinition guarded = ServerInterceptors.intercept(service, new MethodFailures());
            services.add(ServerInterceptors.intercept(guarded, builder.interceptors));
        }
        Executor executor = builder.executor.orElseGet(
                () -> HandlerThreads.create("sluice-streamrpc", HandlerThreads.DEFAULT_MAX_THREADS));
        RequestMemory requestMemory =
                new RequestMemory(builder.maxRequestMemory, "StreamRpcServer.Builder.maxRequestMemory");
        config = new ServerConfig(
                new MethodTable(services), executor, counters, requestMemory, builder.idleTimeout, () -> draining);
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return "streamrpc00";
    }

    @Override
    public Optional<Magic> magic() {
        return Optional.of(StreamRpc.MAGIC);
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        return new ServerHandshake(config, handshake);
    }

    @Override
    public void drain() {
        draining = true;
    }

    /** Returns the counters. */
    public Stats stats() {
        return counters.snapshot();
    }

    /**
     * What a server has done since it started. Immutable.
     *
     * @param accepted calls that became streams
     * @param rejected calls that were answered with an error
     * @param failed calls that failed after they were accepted
     */
    public record Stats(long accepted, long rejected, long failed) {}

    /** Collects services and settings. Not thread-safe. */
    public static final class Builder {
        private final List<ServerServiceDefinition> services = new ArrayList<>();
        private final List<ServerInterceptor> interceptors = new ArrayList<>();
        private Optional<Executor> executor = Optional.empty();
        private long maxRequestMemory = 64 << 20;
        private Duration idleTimeout = Duration.ofMinutes(5);

        private Builder() {}

        /** Adds a service. Its unary methods are served; others cannot be streams and are left out. */
        public Builder addService(BindableService service) {
            return addService(service.bindService());
        }

        /** Adds a service. */
        public Builder addService(ServerServiceDefinition service) {
            services.add(Objects.requireNonNull(service, "service"));
            return this;
        }

        /** Adds an interceptor for all services. As in gRPC, the one added last runs first. */
        public Builder intercept(ServerInterceptor interceptor) {
            interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
            return this;
        }

        /**
         * Sets where interceptors and methods run; they may block there. A refusal becomes a rejection of the call. Default:
         * virtual threads where the JDK has them, else a pool of {@link HandlerThreads#DEFAULT_MAX_THREADS}.
         */
        public Builder executor(Executor handlers) {
            executor = Optional.of(handlers);
            return this;
        }

        /**
         * Sets how many bytes the requests that are not yet complete may hold together, at least 1 MiB; who would exceed it is
         * closed. Default: 64 MiB.
         */
        public Builder maxRequestMemory(long bytes) {
            if (bytes < 1 << 20) {
                throw new IllegalArgumentException("maxRequestMemory must be at least 1 MiB, is " + bytes);
            }
            maxRequestMemory = bytes;
            return this;
        }

        /**
         * Sets how long a stream may stand still. One in which no byte moved in either direction for that long, or up to a quarter
         * longer, is cut with {@link dev.sluice.nio.Reason#TIMEOUT}: else clients that neither send, read nor leave would hold
         * the threads of their methods for ever. So a method that computes for longer than this between two bytes needs a
         * higher limit, or none. Default: 5 min.
         *
         * @param limit zero for none
         */
        public Builder idleTimeout(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("idleTimeout must be at least zero, is " + limit);
            }
            idleTimeout = limit;
            return this;
        }

        /** Creates the server side. */
        public StreamRpcServer build() {
            return new StreamRpcServer(this);
        }
    }
}
