package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.yamux.YamuxStats;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a registry is told of sessions. */
class BackchannelMetricsTest extends BackchannelFixture {
    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

    /** Reads, a second later, so that it is not what was read before. */
    private double counter(String name, String... tags) {
        clock.add(Duration.ofSeconds(1));
        return registry.get("sluice.backchannel." + name)
                .tags(tags)
                .functionCounter()
                .count();
    }

    private double gauge(String name, String... tags) {
        clock.add(Duration.ofSeconds(1));
        return registry.get("sluice.backchannel." + name).tags(tags).gauge().value();
    }

    @Test
    void shouldCountSessionsThatLiveAndThatHaveEnded() throws Exception {
        ManagedChannel channel = channel(answering(serve(Wire.TCP, BackchannelFixture::callBack), "client"));
        new BackchannelMetrics(peers).bindTo(registry);
        call(channel, "x");
        await().untilAsserted(() -> assertThat(gauge("peers")).isEqualTo(1));
        assertThat(counter("joined")).isEqualTo(1);
        assertThat(gauge("streams", "direction", "in")).isEqualTo(1);
        assertThat(gauge("streams", "direction", "out")).isEqualTo(1);
        assertThat(counter("streams.opened", "direction", "in")).isEqualTo(1);
        assertThat(counter("streams.opened", "direction", "out")).isEqualTo(1);
        assertThat(gauge("windows")).isEqualTo(2 * 256 * 1024);
        assertThat(counter("streams.refused")).isZero();
        channel.shutdown();
        await().untilAsserted(() -> assertThat(gauge("peers")).isZero());
        assertThat(counter("joined")).isEqualTo(1);
        assertThat(gauge("streams", "direction", "in")).isZero();
        assertThat(counter("streams.opened", "direction", "out")).isEqualTo(1);
        assertThat(gauge("windows")).isZero();
    }

    @Test
    void shouldShowEachFigureUnderItsName() {
        BackchannelStats stats =
                new BackchannelStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Optional.of(Duration.ofMillis(13)));
        new BackchannelMetrics(() -> CompletableFuture.completedFuture(stats)).bindTo(registry);
        assertThat(gauge("peers")).isEqualTo(1);
        assertThat(counter("joined")).isEqualTo(2);
        assertThat(gauge("streams", "direction", "in")).isEqualTo(3);
        assertThat(gauge("streams", "direction", "out")).isEqualTo(4);
        assertThat(counter("streams.opened", "direction", "in")).isEqualTo(5);
        assertThat(counter("streams.opened", "direction", "out")).isEqualTo(6);
        assertThat(counter("streams.refused")).isEqualTo(7);
        assertThat(counter("streams.reset", "direction", "in")).isEqualTo(8);
        assertThat(counter("streams.reset", "direction", "out")).isEqualTo(9);
        assertThat(counter("stalls")).isEqualTo(10);
        assertThat(gauge("windows")).isEqualTo(11);
        assertThat(counter("windows.grown")).isEqualTo(12);
        assertThat(gauge("rtt")).isEqualTo(0.013);
    }

    @Test
    void shouldAddUpWhatSessionsDidAndWhatLiveOnesHold() {
        YamuxStats session =
                new YamuxStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, Optional.of(Duration.ofMillis(11)), 12, 13, 14, 15);
        BackchannelStats live = BackchannelStats.NONE.withLive(session).withLive(session);
        assertThat(live)
                .isEqualTo(new BackchannelStats(
                        2, 2, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, Optional.of(Duration.ofMillis(11))));
        assertThat(live.withEnded(session))
                .isEqualTo(new BackchannelStats(
                        2, 3, 2, 4, 9, 12, 15, 18, 21, 24, 18, 30, Optional.of(Duration.ofMillis(11))));
    }

    @Test
    void shouldLookAtSessionsOnceASecondOnly() throws Exception {
        ManagedChannel channel = channel(answering(serve(Wire.TCP, BackchannelFixture::callBack), "client"));
        new BackchannelMetrics(peers).bindTo(registry);
        call(channel, "x");
        assertThat(registry.get("sluice.backchannel.peers").gauge().value())
                .as("within the second")
                .isZero();
        await().untilAsserted(() -> assertThat(gauge("peers")).isEqualTo(1));
    }
}
