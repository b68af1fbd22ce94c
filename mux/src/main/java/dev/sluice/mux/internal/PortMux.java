package dev.sluice.mux.internal;

import dev.sluice.mux.Protocol;
import dev.sluice.mux.ServerStats;
import dev.sluice.mux.WireStats;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.nio.spi.LayeredListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;

/** The connections of a server: lets them in within the limits, knows them all, and sees them out. Thread-safe. */
public final class PortMux {
    private static final Logger LOG = System.getLogger(PortMux.class.getName());
    private static final Duration CUT_LIMIT = Duration.ofSeconds(10);
    /** The longest single wait: {@code Object.wait} knows no Duration, and not every Duration has milliseconds. */
    private static final Duration MAX_WAIT = Duration.ofHours(1);

    private final List<Protocol> protocols;
    private final List<String> applicationProtocols;
    private final ProtocolTable table;
    /** What connections within others may speak; empty if no protocol carries any. */
    private final Optional<ProtocolTable> tableWithin;

    private final DoorStats stats;
    private final Duration handshakeTimeout;
    private final int maxPerListener;
    private final int maxPerPeer;
    private final Map<String, WireCounters> wires = new ConcurrentSkipListMap<>();
    private final Map<Connection, Door> open = new ConcurrentHashMap<>();
    private final Map<String, Integer> perPeer = new ConcurrentHashMap<>();
    /** Guards waiting for {@link #open} to become empty. */
    private final Object emptied = new Object();

    private volatile boolean draining;

    /** Creates the mux; throws IllegalArgumentException if protocols clash. */
    public PortMux(List<Protocol> protocols, Duration handshakeTimeout, int maxPerListener, int maxPerPeer) {
        this.protocols = List.copyOf(protocols);
        this.applicationProtocols = this.protocols.stream()
                .flatMap(protocol -> protocol.applicationProtocols().stream())
                .toList();
        this.table = new ProtocolTable(this.protocols);
        this.tableWithin = tableWithin(this.protocols);
        this.stats = new DoorStats(this.protocols);
        this.handshakeTimeout = handshakeTimeout;
        this.maxPerListener = maxPerListener;
        this.maxPerPeer = maxPerPeer;
        this.protocols.stream().filter(Protocol::carriesConnections).forEach(carrier -> wire(carrier.name()));
    }

    private static Optional<ProtocolTable> tableWithin(List<Protocol> protocols) {
        List<Protocol> others = protocols.stream()
                .filter(protocol -> !protocol.carriesConnections())
                .toList();
        if (others.size() == protocols.size()) {
            return Optional.empty();
        }
        if (others.isEmpty()) {
            throw new IllegalArgumentException(
                    "connections within those of " + protocols + " need a protocol beside it to speak");
        }
        return Optional.of(new ProtocolTable(others));
    }

    private WireCounters wire(String name) {
        return wires.computeIfAbsent(name, absent -> new WireCounters(protocols));
    }

    DoorStats doorStats() {
        return stats;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** Begins to let connections in at an address. */
    public Listener listen(EventLoopGroup group, Endpoint endpoint) throws TransportException {
        Optional<ConnectionLayer> layer = endpoint.layer();
        WireCounters wire = wire(endpoint.scheme());
        if (layer.isEmpty()) {
            return group.listen(endpoint, connection -> admit(connection, wire, layer), maxPerListener);
        }
        layer.get().requireAccepting(endpoint);
        Optional<ConnectionLayer> agreeing = layer.map(over -> over.withApplicationProtocols(applicationProtocols));
        Listener below =
                group.listen(endpoint.below(), connection -> admit(connection, wire, agreeing), maxPerListener);
        return new LayeredListener(below, layer.get());
    }

    private ConnectionHandler admit(Connection connection, WireCounters wire, Optional<ConnectionLayer> layer) {
        wire.accepted.increment();
        Door door = enter(connection, new Door(this, table, wire, layer));
        String peer = connection.remoteEndpoint().host();
        boolean tooMany = !peer.isEmpty() && perPeer.merge(peer, 1, Integer::sum) > maxPerPeer;
        connection.whenClosed(cause -> {
            if (!peer.isEmpty()) {
                perPeer.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1);
            }
            noteEmpty();
        });
        if (draining) {
            return refuse(wire, stopping(connection));
        }
        if (tooMany) {
            return refuse(
                    wire,
                    new TransportException(
                            Reason.LIMIT_EXCEEDED,
                            connection + ": more than " + maxPerPeer + " connections from " + peer
                                    + " (SluiceServer.Builder.maxConnectionsPerPeer)"));
        }
        return door;
    }

    /** Returns what takes connections within those of {@code carrier}; see {@link dev.sluice.mux.Handshake#within}. */
    Acceptor within(Protocol carrier) {
        if (!carrier.carriesConnections()) {
            throw new IllegalStateException("the protocol " + carrier.name()
                    + " does not say that it carries connections (Protocol.carriesConnections)");
        }
        ProtocolTable spoken = tableWithin.orElseThrow();
        WireCounters wire = wire(carrier.name());
        return connection -> admitWithin(connection, spoken, wire);
    }

    /** Lets a connection in that no listener of this server has accepted. */
    public ConnectionHandler admit(Connection connection, String wireName) {
        return admitWithin(connection, table, wire(wireName));
    }

    private ConnectionHandler admitWithin(Connection connection, ProtocolTable spoken, WireCounters wire) {
        wire.accepted.increment();
        Door door = enter(connection, new Door(this, spoken, wire, Optional.empty()));
        connection.whenClosed(cause -> noteEmpty());
        return draining ? refuse(wire, stopping(connection)) : door;
    }

    private Door enter(Connection connection, Door door) {
        open.put(connection, door);
        connection.whenClosed(cause -> {
            open.remove(connection);
            door.counters().closed(connection, cause.reason());
        });
        return door;
    }

    private static TransportException stopping(Connection connection) {
        return new TransportException(Reason.SHUTDOWN, connection + ": the server is stopping");
    }

    private ConnectionHandler refuse(WireCounters wire, TransportException why) {
        wire.refused.increment();
        stats.refused.increment();
        return new Refusal(why);
    }

    /** Closes a connection as soon as it is open. */
    private record Refusal(TransportException why) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            LOG.log(Level.DEBUG, why.getMessage());
            connection.abort(why);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("refused connections are closed before they are read");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Counted when it was refused.
        }
    }

    /** Lets what is under way finish within the limit, then cuts. Blocks. */
    public void drain(Duration limit) {
        beginDrain();
        if (awaitEmpty(limit)) {
            return;
        }
        LOG.log(Level.INFO, "cutting {0} connections that did not finish within {1}", open.size(), limit);
        TransportException why =
                new TransportException(Reason.SHUTDOWN, "the server was stopped and its drain limit is over");
        forEachOpen((connection, door) -> connection.abort(why));
        awaitEmpty(CUT_LIMIT);
    }

    /** Lets nobody in from here on, and tells all who are in to finish. Does not wait. */
    public void beginDrain() {
        draining = true;
        protocols.forEach(PortMux::drainSafely);
        forEachOpen((connection, door) -> door.closeIfDetecting(connection));
    }

    /** A protocol that cannot drain must not keep the server from closing. */
    private static void drainSafely(Protocol protocol) {
        try {
            protocol.drain();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the protocol " + protocol.name() + " failed to drain", e);
        }
    }

    private void forEachOpen(BiConsumer<Connection, Door> action) {
        open.forEach((connection, door) -> {
            if (!connection.loop().post(() -> action.accept(connection, door))) {
                LOG.log(Level.DEBUG, "the loop of {0} has ended and has closed it", connection);
            }
        });
    }

    private boolean awaitEmpty(Duration limit) {
        long begin = System.nanoTime();
        synchronized (emptied) {
            while (!open.isEmpty()) {
                Duration left = limit.minusNanos(System.nanoTime() - begin);
                if (left.isNegative() || left.isZero()) {
                    return false;
                }
                try {
                    emptied.wait((left.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : left).toMillis() + 1);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return true;
    }

    private void noteEmpty() {
        if (draining && open.isEmpty()) {
            synchronized (emptied) {
                emptied.notifyAll();
            }
        }
    }

    /** Sums up by kind of address. Looks at each open connection. */
    public Map<String, WireStats> wires() {
        Map<WireCounters.OfProtocol, WireCounters.Live> live = new HashMap<>();
        open.forEach((connection, door) -> live.computeIfAbsent(door.counters(), counters -> new WireCounters.Live())
                .add(connection));
        Map<String, WireStats> sums = new LinkedHashMap<>();
        wires.forEach((scheme, wire) -> sums.put(scheme, wire.snapshot(live)));
        return sums;
    }

    /** Sums up. */
    public ServerStats stats(List<Listener> listeners) {
        long accepted = 0;
        long failures = 0;
        for (Listener listener : listeners) {
            accepted += listener.stats().accepted();
            failures += listener.stats().acceptFailures();
        }
        return new ServerStats(
                accepted,
                failures,
                open.size(),
                stats.byProtocol(),
                stats.unmatched.sum(),
                stats.silent.sum(),
                stats.layerTimeouts.sum(),
                stats.layerFailures.sum(),
                stats.detectTimeouts.sum(),
                stats.handshakeTimeouts.sum(),
                stats.handshakeFailures.sum(),
                stats.refused.sum());
    }
}
