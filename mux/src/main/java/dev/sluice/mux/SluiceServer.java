package dev.sluice.mux;

import dev.sluice.mux.internal.PortMux;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Endpoints times protocols: listens at all its endpoints and gives each connection to the protocol that its first bytes name.
 *
 * <pre>{@code
 * try (SluiceServer server = SluiceServer.builder()
 *         .listen(Endpoint.tcp("127.0.0.1", 8075))
 *         .listen(Endpoint.unix(Path.of("/run/app.sock")))
 *         .protocol(protocol)
 *         .start()) {
 *     server.awaitClosed();
 * }
 * }</pre>
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class SluiceServer implements AutoCloseable {
    private final EventLoopGroup group;
    private final boolean ownsGroup;
    private final Duration drainLimit;
    private final PortMux mux;
    private final List<Listener> listeners;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private SluiceServer(Builder builder, EventLoopGroup group) throws TransportException {
        this.group = group;
        this.ownsGroup = builder.group == null;
        this.drainLimit = builder.drainLimit;
        this.mux = new PortMux(
                builder.protocols, builder.handshakeTimeout, builder.maxConnections, builder.maxConnectionsPerPeer);
        this.listeners = new ArrayList<>();
        try {
            for (Endpoint endpoint : builder.endpoints) {
                listeners.add(mux.listen(group, endpoint));
            }
        } catch (TransportException | RuntimeException e) {
            listeners.forEach(Listener::close);
            throw e;
        }
    }

    /** Returns a builder with the defaults of its methods. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the addresses as bound, in the order they were given: with the ports that the system chose. */
    public List<Endpoint> endpoints() {
        return listeners.stream().map(Listener::endpoint).toList();
    }

    /** Returns the counters. */
    public ServerStats stats() {
        return mux.stats(listeners);
    }

    /**
     * Returns the counters of connections by kind of address, which is the {@linkplain Endpoint#scheme() scheme}. Looks at each open
     * connection: not to be called many times a second.
     */
    public Map<String, WireStats> wires() {
        return mux.wires();
    }

    /** Returns the loops, for their counters and those of their buffers. */
    public EventLoopGroup group() {
        return group;
    }

    /** Stops with the drain limit of the builder. Idempotent; returns when all is closed. */
    @Override
    public void close() {
        stop(drainLimit);
    }

    /**
     * Stops gracefully: accepts no more, closes what has not yet said what it speaks, lets the rest finish, and cuts what has not
     * finished when the limit is over. Idempotent; returns when all is closed.
     *
     * @param limit at least zero, which cuts at once
     * @throws IllegalStateException on an event loop, whose connections could not finish while it waits
     */
    public void stop(Duration limit) {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException("a server must not be stopped on an event loop, which stopping waits for");
        }
        if (!stopping.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        try {
            listeners.forEach(Listener::close);
            mux.drain(limit);
        } finally {
            if (ownsGroup) {
                group.close();
            }
            closed.countDown();
        }
    }

    /** Waits until the server is closed, or the waiting thread is interrupted, whose flag is then set. */
    public void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects the settings of a server. Not thread-safe. */
    public static final class Builder {
        private final List<Endpoint> endpoints = new ArrayList<>();
        private final List<Protocol> protocols = new ArrayList<>();
        private EventLoopGroup group;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration drainLimit = Duration.ofSeconds(10);
        private int maxConnections = 65536;
        private int maxConnectionsPerPeer = Integer.MAX_VALUE;

        private Builder() {}

        /** Adds an address. At least one is needed. */
        public Builder listen(Endpoint endpoint) {
            endpoints.add(Objects.requireNonNull(endpoint, "endpoint"));
            return this;
        }

        /** Adds a protocol, spoken at all addresses. At least one is needed; two must not have the same magic. */
        public Builder protocol(Protocol protocol) {
            protocols.add(Objects.requireNonNull(protocol, "protocol"));
            return this;
        }

        /** Sets the loops to use, which stay the caller's. Default: loops of its own, one per processor. */
        public Builder group(EventLoopGroup loops) {
            group = Objects.requireNonNull(loops, "group");
            return this;
        }

        /**
         * Sets how long a connection has, from accept, to say what it speaks and to finish that protocol's handshake; more than
         * zero. Default: 10 s.
         */
        public Builder handshakeTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("handshakeTimeout must be more than zero, is " + timeout);
            }
            handshakeTimeout = timeout;
            return this;
        }

        /** Sets how long {@link SluiceServer#close()} lets connections finish, at least zero. Default: 10 s. */
        public Builder drainLimit(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("drainLimit must be at least zero, is " + limit);
            }
            drainLimit = limit;
            return this;
        }

        /**
         * Sets how many connections one address may have, at least 1. When they are reached it stops accepting until one ends.
         * Default: 65536.
         */
        public Builder maxConnections(int count) {
            maxConnections = positive(count, "maxConnections");
            return this;
        }

        /**
         * Sets how many connections one peer address may have over all endpoints, at least 1; more are closed at once. Counts hosts
         * of TCP peers only. Default: no limit.
         */
        public Builder maxConnectionsPerPeer(int count) {
            maxConnectionsPerPeer = positive(count, "maxConnectionsPerPeer");
            return this;
        }

        /**
         * Binds all addresses and begins to accept.
         *
         * @throws TransportException if an address cannot be used; nothing is left open then
         * @throws IllegalArgumentException if protocols clash or there is no address or protocol
         */
        public SluiceServer start() throws TransportException {
            if (endpoints.isEmpty()) {
                throw new IllegalArgumentException("a server needs at least one endpoint to listen on");
            }
            if (group != null) {
                return new SluiceServer(this, group);
            }
            EventLoopGroup own = EventLoopGroup.builder().build();
            try {
                return new SluiceServer(this, own);
            } catch (TransportException | RuntimeException e) {
                own.close();
                throw e;
            }
        }

        private static int positive(int value, String setting) {
            if (value < 1) {
                throw new IllegalArgumentException(setting + " must be at least 1, is " + value);
            }
            return value;
        }
    }
}
