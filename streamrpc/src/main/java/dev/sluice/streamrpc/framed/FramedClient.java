package dev.sluice.streamrpc.framed;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.framed.internal.ClientCalls;
import dev.sluice.streamrpc.framed.internal.ClientConfig;
import dev.sluice.streamrpc.framed.internal.Connections;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The client side of the framed RPC. A connection carries one call at a time, so calls that run at the same time have connections of their own; one
 * that is over leaves its connection to the next, but only if that can be sure to get its own answer. Else the connection is closed.
 *
 * <p>With extensions a server that is gone is noticed within the idle timeout. A call has no other limit, unless the builder is given one;
 * interrupting the caller ends it.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class FramedClient implements FramedCaller {
    private final Connections connections;
    private final ClientCalls calls;
    private final EventLoopGroup group;
    private final boolean ownsGroup;

    private FramedClient(Builder builder) {
        ownsGroup = builder.group.isEmpty();
        group = builder.group.orElseGet(() -> EventLoopGroup.of(1));
        Executor executor = builder.executor.orElseGet(
                () -> HandlerThreads.create("sluice-framed-client", HandlerThreads.DEFAULT_MAX_THREADS));
        connections = new Connections(new ClientConfig(
                builder.endpoint,
                group,
                builder.extended,
                executor,
                builder.limits,
                FramedRpc.keepAlive(builder.idleTimeout, builder.extended, "FramedClient.Builder.idleTimeout"),
                builder.connectTimeout,
                builder.callTimeout));
        calls = new ClientCalls(connections, builder.codec);
    }

    /**
     * Returns a builder of a client with extensions.
     *
     * @param codec for all that is not {@link Octets}
     */
    public static Builder builder(Endpoint endpoint, BodyCodec codec) {
        return new Builder(endpoint, codec);
    }

    @Override
    public <O> O call(String endpoint, Object input, Class<O> output) throws IOException {
        return calls.call(endpoint, input, output);
    }

    /** As {@link #hangUp}, whatever the servers say to that. */
    @Override
    public void close() {
        end();
    }

    /**
     * Ends each kept connection with the request to close it, waits for the acknowledgement, and cuts those that are in use. Idempotent.
     *
     * @throws IOException if a server did not acknowledge; all is closed nevertheless
     */
    public void hangUp() throws IOException {
        List<IOException> failures = end();
        if (!failures.isEmpty()) {
            IOException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    private List<IOException> end() {
        List<IOException> failures = connections.close();
        if (ownsGroup) {
            group.close();
        }
        return failures;
    }

    /** Collects the settings of a client. Not thread-safe. */
    public static final class Builder {
        private final Endpoint endpoint;
        private final BodyCodec codec;
        private boolean extended = true;
        private Optional<EventLoopGroup> group = Optional.empty();
        private Optional<Executor> executor = Optional.empty();
        private FramedLimits limits = FramedLimits.DEFAULT;
        private Optional<Duration> idleTimeout = Optional.empty();
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Optional<Duration> callTimeout = Optional.empty();

        private Builder(Endpoint endpoint, BodyCodec codec) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            this.codec = Objects.requireNonNull(codec, "codec");
        }

        /** Speaks the protocol without extensions. */
        public Builder plain() {
            extended = false;
            return this;
        }

        /** Sets the loops to use, which stay the caller's. Default: one loop of its own. */
        public Builder group(EventLoopGroup loops) {
            group = Optional.of(loops);
            return this;
        }

        /** Sets where octets are sent while the caller waits for the answer. Default: as {@link HandlerThreads} has them. */
        public Builder executor(Executor uploads) {
            executor = Optional.of(uploads);
            return this;
        }

        /** Sets how large messages may be. Default: {@link FramedLimits#DEFAULT}. */
        public Builder limits(FramedLimits messageLimits) {
            limits = Objects.requireNonNull(messageLimits, "limits");
            return this;
        }

        /**
         * Sets how long a server may be silent while a call waits for it. Default: 10 s with extensions, where every server that lives says so each
         * 5 s; else 5 min.
         *
         * @param limit zero for none; with extensions else at least 10 s
         */
        public Builder idleTimeout(Duration limit) {
            idleTimeout = Optional.of(limit);
            return this;
        }

        /** Sets how long dialling may take, and then the server's banner; more than zero. Default: 10 s. */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = requirePositive(timeout, "connectTimeout");
            return this;
        }

        /**
         * Sets how long a call may take from when it has its connection until its answer is there, but for the octets of that; more than zero.
         * Default: no limit.
         */
        public Builder callTimeout(Duration timeout) {
            callTimeout = Optional.of(requirePositive(timeout, "callTimeout"));
            return this;
        }

        private static Duration requirePositive(Duration timeout, String setting) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException(setting + " must be more than zero, is " + timeout);
            }
            return timeout;
        }

        /** Creates the client. Nothing is dialled before the first call. */
        public FramedClient build() {
            return new FramedClient(this);
        }
    }
}
