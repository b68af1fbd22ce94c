package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
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
