package dev.sluice.mux.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.HandshakeStep;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.nio.spi.HandshakeTrace;
import java.time.Duration;
import java.util.Optional;

/**
 * One connection on its way in: through its layer's handshake if it has one, as TLS, then past the {@link Detector} to a
 * protocol, and through that one's handshake. Keeps the one deadline for all of that. Loop-confined, but for what {@link Handshake}
 * promises.
 *
 * <pre>
 *   SECURING (layered only) --&gt; DETECTING --&gt; HANDSHAKE --&gt; THROUGH
 *        |                          |             |
 *        +--------------------------+-------------+-------&gt; FAILED
 * </pre>
 */
final class Door implements ConnectionHandler, Handshake {
    private enum Phase {
        SECURING,
        DETECTING,
        HANDSHAKE,
        FAILED,
        THROUGH
    }

    /** What the flight recorder calls the look at the first bytes. */
    private static final String DETECTION = "detection";

    private final PortMux mux;
    private final ProtocolTable protocols;
    private final DoorStats stats;
    private final WireCounters wire;
    private final Duration limit;
    private final Optional<ConnectionLayer> layer;
    private volatile Phase phase = Phase.DETECTING;
    /** Those of the protocol, once that is known. */
    private volatile WireCounters.OfProtocol counters;
    /** Null until it is known. */
    private volatile Protocol protocol;

    private EventLoop loop;
    private Timeout deadline;
    /** When the step that is under way began. */
    private long stepNanos;
    /** Of the step that is under way; a layer's handshake has its own. */
    private HandshakeTrace trace = HandshakeTrace.NONE;

    /** @param protocols those that this connection may speak */
    Door(PortMux mux, ProtocolTable protocols, WireCounters wire, Optional<ConnectionLayer> layer) {
        this.mux = mux;
        this.protocols = protocols;
        this.stats = mux.doorStats();
        this.wire = wire;
        this.counters = wire.undetected();
        this.limit = mux.handshakeTimeout();
        this.layer = layer;
    }

    @Override
    public void onAttached(Connection connection) {
        loop = connection.loop();
        stepNanos = loop.nanoTime();
        deadline = loop.schedule(limit, () -> timedOut(connection));
        connection.whenClosed(this::ended);
        Detector detector = new Detector(this, protocols, stats);
        if (layer.isEmpty()) {
            trace = HandshakeTrace.begin(connection, DETECTION);
            connection.handler(detector);
            return;
        }
        phase = Phase.SECURING;
        connection.handler(layer.get().accepting(above -> {
            passed(HandshakeStep.LAYER);
            trace = HandshakeTrace.begin(above, DETECTION);
            phase = Phase.DETECTING;
            return detector;
        }));
    }

    @Override
    public void onReadable(Connection connection) {
        throw new IllegalStateException("another handler was attached at once");
    }

    boolean isLayered() {
        return layer.isPresent();
    }

    /** Returns where the connection counts. Any thread. */
    WireCounters.OfProtocol counters() {
        return counters;
    }

    private void passed(HandshakeStep step) {
        long now = loop.nanoTime();
        wire.passed(step, now - stepNanos);
        stepNanos = now;
    }

    void detected(Connection connection, Protocol spoken) {
        passed(HandshakeStep.DETECTION);
        protocol = spoken;
        counters = wire.of(spoken);
        trace.completed();
        trace = HandshakeTrace.begin(connection, spoken.name());
        phase = Phase.HANDSHAKE;
        stats.detected(spoken);
    }

    /** The deadline also meets connections that are through: telling it so is cheaper than cancelling it from another thread. */
    private void timedOut(Connection connection) {
        if (phase == Phase.THROUGH) {
            return;
        }
        switch (phase) {
            case SECURING -> stats.layerTimeouts.increment();
            case DETECTING -> stats.detectTimeouts.increment();
            case HANDSHAKE -> stats.handshakeTimeouts.increment();
            default -> {
                // counted when it failed
            }
        }
        phase = Phase.FAILED;
        trace.failed(Reason.TIMEOUT);
        connection.abort(new TransportException(
                Reason.TIMEOUT,
                connection + ": no complete handshake within " + limit.toMillis()
                        + " ms of connecting (SluiceServer.Builder.handshakeTimeout)"));
    }

    /** A handshake that ends before it is through has failed, whether or not its protocol could still say so. */
    private void ended(TransportException cause) {
        deadline.cancel();
        trace.failed(cause.reason()); // no effect if it was through
        if (cause.reason() == Reason.SHUTDOWN) {
            return;
        }
        if (phase == Phase.SECURING) {
            phase = Phase.FAILED;
            stats.layerFailures.increment();
        }
        failed();
    }

    /** The server stops: who has not yet said what it wants has nothing to finish. */
    void closeIfDetecting(Connection connection) {
        if (phase == Phase.SECURING || phase == Phase.DETECTING) {
            connection.abort(new TransportException(Reason.SHUTDOWN, connection + ": the server is stopping"));
        }
    }

    @Override
    public long deadlineNanos() {
        return deadline.deadlineNanos();
    }

    @Override
    public void complete() {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.THROUGH;
            passed(HandshakeStep.PROTOCOL);
            trace.completed();
        }
    }

    @Override
    public Acceptor within() {
        return mux.within(protocol);
    }

    /** The deadline stays: a client that was refused must not keep its connection by not reading the refusal. */
    @Override
    public void failed() {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.FAILED;
            trace.failed(Reason.PROTOCOL_ERROR);
            stats.handshakeFailures.increment();
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // Another handler was attached at once, or the connection closed before that: ended() has counted it.
    }
}
