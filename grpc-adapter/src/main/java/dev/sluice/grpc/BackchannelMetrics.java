package dev.sluice.grpc;

import dev.sluice.nio.EventLoop;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Shows what the sessions of a {@link PeerRegistry} do, summed up. Every name begins with {@code sluice.backchannel.}; docs/observability.md
 * lists them.
 *
 * <p>Costs nothing until somebody reads: then each session's loop is asked, at most once a second, and waited for a tenth of a second at most;
 * what answers later is shown by the next look.
 *
 * <p>Needs {@code io.micrometer:micrometer-core}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class BackchannelMetrics implements MeterBinder {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long WAIT_MILLIS = 100;
    private static final String DIRECTION = "direction";

    private final Supplier<CompletionStage<BackchannelStats>> sessions;

    /** Creates the metrics of a registry. Those of a second one have the same names: they need tags that tell them apart. */
    public BackchannelMetrics(PeerRegistry peers) {
        this(Objects.requireNonNull(peers, "peers")::stats);
    }

    BackchannelMetrics(Supplier<CompletionStage<BackchannelStats>> sessions) {
        this.sessions = sessions;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters meters = new Meters(registry);
        Tags in = Tags.of(DIRECTION, "in");
        Tags out = Tags.of(DIRECTION, "out");
        meters.gauge(
                "peers", "Sessions with peers that can be called back", null, Tags.empty(), BackchannelStats::peers);
        meters.counter("joined", "Sessions that have begun", Tags.empty(), BackchannelStats::joined);
        meters.gauge("streams", "Live streams", null, in, BackchannelStats::inboundStreams);
        meters.gauge("streams", "Live streams", null, out, BackchannelStats::outboundStreams);
        meters.counter("streams.opened", "Streams that were opened", in, BackchannelStats::accepted);
        meters.counter("streams.opened", "Streams that were opened", out, BackchannelStats::opened);
        meters.counter(
                "streams.refused", "Streams of peers that were refused", Tags.empty(), BackchannelStats::refused);
        meters.counter("streams.reset", "Streams that were reset", in, BackchannelStats::resetsIn);
        meters.counter("streams.reset", "Streams that were reset", out, BackchannelStats::resetsOut);
        meters.counter(
                "stalls",
                "Times that a stream had bytes to send and no window",
                Tags.empty(),
                BackchannelStats::stalls);
        meters.gauge(
                "windows",
                "What the windows of all streams allow to be received",
                "bytes",
                Tags.empty(),
                BackchannelStats::memoryBytes);
        meters.counter(
                "windows.grown", "Times that a window was doubled", Tags.empty(), BackchannelStats::windowGrowths);
        meters.gauge(
                "rtt",
                "The longest round-trip time of a session",
                "seconds",
                Tags.empty(),
                stats -> stats.longestRtt().map(BackchannelMetrics::seconds).orElse(Double.NaN));
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    /** The meters of one registry, which hold this. */
    private final class Meters {
        private final MeterRegistry registry;
        private volatile BackchannelStats last;
        private volatile long lastNanos;

        Meters(MeterRegistry registry) {
            this.registry = registry;
            this.last = BackchannelStats.NONE;
            look();
        }

        private BackchannelStats latest() {
            if (registry.config().clock().monotonicTime() - lastNanos >= LOOK_NANOS) {
                look();
            }
            return last;
        }

        private void look() {
            lastNanos = registry.config().clock().monotonicTime();
            CompletableFuture<Void> seen =
                    sessions.get().thenAccept(stats -> last = stats).toCompletableFuture();
            if (EventLoop.isLoopThread()) {
                return; // which may be the one that is to answer
            }
            try {
                seen.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // A loop is busy: the look before has to do.
            } catch (ExecutionException e) {
                throw new IllegalStateException("counting sessions failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void gauge(String name, String description, String unit, Tags tags, ToDoubleFunction<BackchannelStats> value) {
            Gauge.builder("sluice.backchannel." + name, this, meters -> value.applyAsDouble(meters.latest()))
                    .description(description)
                    .baseUnit(unit)
                    .tags(tags)
                    .strongReference(true)
                    .register(registry);
        }

        /** The function refers to this object, which the registry must not lose. */
        void counter(String name, String description, Tags tags, ToDoubleFunction<BackchannelStats> value) {
            FunctionCounter.builder("sluice.backchannel." + name, this, ignored -> value.applyAsDouble(latest()))
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }
    }
}
