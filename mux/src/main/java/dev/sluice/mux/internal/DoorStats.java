package dev.sluice.mux.internal;

import dev.sluice.mux.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happens at the door, counted. Thread-safe. */
final class DoorStats {
    final LongAdder unmatched = new LongAdder();
    final LongAdder silent = new LongAdder();
    final LongAdder layerTimeouts = new LongAdder();
    final LongAdder layerFailures = new LongAdder();
    final LongAdder detectTimeouts = new LongAdder();
    final LongAdder handshakeTimeouts = new LongAdder();
    final LongAdder handshakeFailures = new LongAdder();
    final LongAdder refused = new LongAdder();
    private final Map<String, LongAdder> byProtocol = new LinkedHashMap<>();

    DoorStats(List<Protocol> protocols) {
        protocols.forEach(protocol -> byProtocol.put(protocol.name(), new LongAdder()));
    }

    void detected(Protocol protocol) {
        byProtocol.get(protocol.name()).increment();
    }

    Map<String, Long> byProtocol() {
        Map<String, Long> sums = new LinkedHashMap<>();
        byProtocol.forEach((name, count) -> sums.put(name, count.sum()));
        return sums;
    }
}
