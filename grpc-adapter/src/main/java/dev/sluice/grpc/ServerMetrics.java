package dev.sluice.grpc;

import dev.sluice.mux.HandshakeStep;
import dev.sluice.mux.ServerStats;
import dev.sluice.mux.SluiceServer;
import dev.sluice.mux.WireStats;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Shows what a {@link SluiceServer} counts, whatever it serves: connections and their bytes by wire and protocol, what was detected,
 * handshakes, buffers, loops, and what {@link GrpcServer}s ended. Every name begins with {@code sluice.}; docs/observability.md lists them.
 *
 * <p>Costs nothing until somebody reads: then one look at the open connections, at most one a second, serves all meters.
 *
 * <p>Needs {@code io.micrometer:micrometer-core}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class ServerMetrics implements MeterBinder {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String BYTES = "bytes";

    private final SluiceServer server;
    private final List<GrpcServer> grpcServers;

    /**
     * Creates the metrics of a server. Those of a second one have the same names: they need a registry of their own, or one with tags that
     * tell them apart.
     *
     * @param grpcServers those among the server's protocols
     */
    public ServerMetrics(SluiceServer server, GrpcServer... grpcServers) {
        this.server = Objects.requireNonNull(server, "server");
        this.grpcServers = List.of(grpcServers);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters meters = new Meters(registry);
        server.wires().forEach(meters::bindWire);
        meters.bindDoor(server.stats());
        meters.bindBuffers(server.group().buffers());
        List<EventLoop> loops = server.group().loops();
        for (int i = 0; i < loops.size(); i++) {
            meters.bindLoop(loops.get(i), Tags.of("loop", Integer.toString(i)));
        }
        meters.bindBreaches();
    }

    private static String tagValue(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What the server said a moment ago. */
    private record Look(long nanos, Map<String, WireStats> wires, ServerStats stats) {}

    /** The meters of one registry, which hold this. */
    private final class Meters {
        private final MeterRegistry registry;
        private volatile Look last;

        Meters(MeterRegistry registry) {
            this.registry = registry;
            this.last = look();
        }

        private Look look() {
            return new Look(registry.config().clock().monotonicTime(), server.wires(), server.stats());
        }

        private Look latest() {
            Look look = last;
            if (registry.config().clock().monotonicTime() - look.nanos() >= LOOK_NANOS) {
                look = look();
                last = look;
            }
            return look;
        }

        private void gauge(String name, String description, String unit, Tags tags, ToDoubleFunction<Meters> value) {
            Gauge.builder(name, this, value)
                    .description(description)
                    .baseUnit(unit)
                    .tags(tags)
                    .strongReference(true)
                    .register(registry);
        }

        /** The function refers to this object, which the registry must not lose. */
        private void counter(String name, String description, String unit, Tags tags, ToLongFunction<Meters> value) {
            FunctionCounter.builder(name, this, ignored -> value.applyAsLong(this))
                    .description(description)
                    .baseUnit(unit)
                    .tags(tags)
                    .register(registry);
        }

        void bindWire(String wire, WireStats now) {
            Tags tags = Tags.of("wire", wire);
            counter(
                    "sluice.connections.accepted",
                    "Connections accepted",
                    null,
                    tags,
                    m -> m.of(wire).accepted());
            counter(
                    "sluice.connections.refused",
                    "Connections closed at once because of a limit",
                    null,
                    tags,
                    m -> m.of(wire).refused());
            now.byProtocol().keySet().forEach(protocol -> bindProtocol(wire, protocol));
            for (HandshakeStep step : HandshakeStep.values()) {
                bindStep(wire, step);
            }
        }

        private WireStats of(String wire) {
            return latest().wires().get(wire);
        }

        private WireStats.Connections of(String wire, String protocol) {
            return of(wire).byProtocol().get(protocol);
        }

        private void bindProtocol(String wire, String protocol) {
            Tags tags = Tags.of("wire", wire, "protocol", protocol);
            gauge(
                    "sluice.connections.open",
                    "Connections open now",
                    null,
                    tags,
                    m -> m.of(wire, protocol).open());
            counter(
                    "sluice.connections.received",
                    "Bytes read from clients",
                    BYTES,
                    tags,
                    m -> m.of(wire, protocol).bytesIn());
            counter(
                    "sluice.connections.sent",
                    "Bytes written to clients",
                    BYTES,
                    tags,
                    m -> m.of(wire, protocol).bytesOut());
            for (Reason reason : Reason.values()) {
                counter(
                        "sluice.connections.closed",
                        "Connections that have closed, by why",
                        null,
                        tags.and("reason", tagValue(reason)),
                        m -> m.of(wire, protocol).closed().get(reason));
            }
        }

        private void bindStep(String wire, HandshakeStep step) {
            FunctionTimer.builder(
                            "sluice.handshake",
                            this,
                            ignored -> times(wire, step).count(),
                            ignored -> times(wire, step).total().toNanos(),
                            TimeUnit.NANOSECONDS)
                    .description("Time that a step took of connections that were through it")
                    .tags("wire", wire, "step", tagValue(step))
                    .register(registry);
        }

        private WireStats.Times times(String wire, HandshakeStep step) {
            return of(wire).handshakes().get(step);
        }

        void bindDoor(ServerStats now) {
            counter(
                    "sluice.accept.failures",
                    "Times accepting failed, for example for lack of file descriptors",
                    null,
                    Tags.empty(),
                    m -> m.latest().stats().acceptFailures());
            now.byProtocol()
                    .keySet()
                    .forEach(protocol ->
                            detected(protocol, stats -> stats.byProtocol().get(protocol)));
            detected("unmatched", ServerStats::unmatched);
            detected("silent", ServerStats::silent);
            detected("timeout", ServerStats::detectTimeouts);
            failed(HandshakeStep.LAYER, "timeout", ServerStats::layerTimeouts);
            failed(HandshakeStep.LAYER, "failure", ServerStats::layerFailures);
            failed(HandshakeStep.PROTOCOL, "timeout", ServerStats::handshakeTimeouts);
            failed(HandshakeStep.PROTOCOL, "failure", ServerStats::handshakeFailures);
        }

        private void detected(String outcome, ToLongFunction<ServerStats> value) {
            counter(
                    "sluice.detections",
                    "What the first bytes of connections told: a protocol, or nothing",
                    null,
                    Tags.of("outcome", outcome),
                    m -> value.applyAsLong(m.latest().stats()));
        }

        private void failed(HandshakeStep step, String cause, ToLongFunction<ServerStats> value) {
            counter(
                    "sluice.handshake.failures",
                    "Connections that ended within a step of the handshake",
                    null,
                    Tags.of("step", tagValue(step), "cause", cause),
                    m -> value.applyAsLong(m.latest().stats()));
        }

        void bindBuffers(BufferPool pool) {
            Tags none = Tags.empty();
            gauge("sluice.buffers.lent", "Memory in use", BYTES, none, m -> pool.outstandingBytes());
            gauge(
                    "sluice.buffers.lent.limit",
                    "Memory that may be in use",
                    BYTES,
                    none,
                    m -> pool.maxOutstandingBytes());
            gauge("sluice.buffers.pooled", "Memory kept for the next use", BYTES, none, m -> pool.pooledBytes());
            gauge("sluice.buffers.pooled.limit", "Memory that may be kept", BYTES, none, m -> pool.maxPooledBytes());
        }

        void bindLoop(EventLoop loop, Tags tags) {
            counter(
                    "sluice.loop.turns",
                    "Times around",
                    null,
                    tags,
                    m -> loop.stats().turns());
            counter(
                    "sluice.loop.slow.turns",
                    "Turns of more than 100 ms without the wait",
                    null,
                    tags,
                    m -> loop.stats().slowTurns());
            counter(
                    "sluice.loop.wakeups",
                    "Times another thread woke the selector",
                    null,
                    tags,
                    m -> loop.stats().wakeups());
            counter(
                    "sluice.loop.looks",
                    "Waits that began with looking again",
                    null,
                    tags,
                    m -> loop.stats().looks());
            counter(
                    "sluice.loop.looks.paid",
                    "Looks that saved a wake-up",
                    null,
                    tags,
                    m -> loop.stats().looksPaid());
            counter(
                    "sluice.loop.selector.rebuilds",
                    "Selectors replaced because they spun",
                    null,
                    tags,
                    m -> loop.stats().selectorRebuilds());
            gauge(
                    "sluice.loop.queued.tasks",
                    "Tasks that wait",
                    null,
                    tags,
                    m -> loop.stats().queuedTasks());
            gauge(
                    "sluice.loop.connections",
                    "Connections that live on the loop",
                    null,
                    tags,
                    m -> loop.stats().connections());
        }

        void bindBreaches() {
            for (Http2Breach breach : Http2Breach.values()) {
                counter(
                        "sluice.grpc.breaches",
                        "Connections of gRPC that were ended for misbehaviour",
                        null,
                        Tags.of("breach", tagValue(breach)),
                        m -> grpcServers.stream()
                                .mapToLong(grpc -> grpc.breaches().get(breach))
                                .sum());
            }
        }
    }
}
