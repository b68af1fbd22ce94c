package dev.sluice.mux.internal;

import dev.sluice.mux.HandshakeStep;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.WireStats;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts the connections of one kind of address. What connections count themselves is read when somebody asks. Thread-safe. */
final class WireCounters {
    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    private final Map<String, OfProtocol> byProtocol = new LinkedHashMap<>();
    private final Map<HandshakeStep, OfStep> steps = new EnumMap<>(HandshakeStep.class);

    WireCounters(List<Protocol> protocols) {
        byProtocol.put(WireStats.UNDETECTED, new OfProtocol());
        protocols.forEach(protocol -> byProtocol.put(protocol.name(), new OfProtocol()));
        for (HandshakeStep step : HandshakeStep.values()) {
            steps.put(step, new OfStep());
        }
    }

    OfProtocol undetected() {
        return byProtocol.get(WireStats.UNDETECTED);
    }

    OfProtocol of(Protocol protocol) {
        return byProtocol.get(protocol.name());
    }

    /** A connection is through a step. */
    void passed(HandshakeStep step, long nanos) {
        OfStep counter = steps.get(step);
        counter.count.increment();
        counter.nanos.add(nanos);
    }

    /** Sums up, with what the open connections have, each under its counters. */
    WireStats snapshot(Map<OfProtocol, Live> open) {
        Map<String, WireStats.Connections> protocols = new LinkedHashMap<>();
        byProtocol.forEach((name, counters) -> protocols.put(name, counters.snapshot(open.get(counters))));
        Map<HandshakeStep, WireStats.Times> times = new EnumMap<>(HandshakeStep.class);
        steps.forEach((step, counter) ->
                times.put(step, new WireStats.Times(counter.count.sum(), Duration.ofNanos(counter.nanos.sum()))));
        return new WireStats(accepted.sum(), refused.sum(), protocols, times);
    }

    private static final class OfStep {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();
    }

    /** What the open connections of one protocol have done so far. One thread. */
    static final class Live {
        private long connections;
        private long bytesIn;
        private long bytesOut;

        void add(Connection connection) {
            connections++;
            bytesIn += connection.bytesIn();
            bytesOut += connection.bytesOut();
        }
    }

    /** Those of one protocol. */
    static final class OfProtocol {
        private final Map<Reason, LongAdder> closed = new EnumMap<>(Reason.class);
        /** Of connections that have closed. */
        private final LongAdder bytesIn = new LongAdder();

        private final LongAdder bytesOut = new LongAdder();
        /** Who closes is for a moment neither among the open ones nor among the closed: totals that fall would look like a restart. */
        private final LongAccumulator bytesInSeen = new LongAccumulator(Math::max, 0);

        private final LongAccumulator bytesOutSeen = new LongAccumulator(Math::max, 0);

        OfProtocol() {
            for (Reason reason : Reason.values()) {
                closed.put(reason, new LongAdder());
            }
        }

        void closed(Connection connection, Reason reason) {
            closed.get(reason).increment();
            bytesIn.add(connection.bytesIn());
            bytesOut.add(connection.bytesOut());
        }

        private WireStats.Connections snapshot(Live open) {
            Live live = open == null ? new Live() : open;
            bytesInSeen.accumulate(bytesIn.sum() + live.bytesIn);
            bytesOutSeen.accumulate(bytesOut.sum() + live.bytesOut);
            Map<Reason, Long> closedSums = new EnumMap<>(Reason.class);
            closed.forEach((reason, count) -> closedSums.put(reason, count.sum()));
            return new WireStats.Connections(live.connections, closedSums, bytesInSeen.get(), bytesOutSeen.get());
        }
    }
}
