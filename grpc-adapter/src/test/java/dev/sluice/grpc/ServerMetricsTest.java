package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a registry is told of a server that speaks gRPC and StreamRPC. */
class ServerMetricsTest extends CallFixture {
    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

    private Endpoint serveMeasured(Wire wire) throws IOException {
        Endpoint endpoint = serve(wire, request -> {});
        new ServerMetrics(server, grpcServer).bindTo(registry);
        return endpoint;
    }

    /** Reads, a second later, so that it is not what was read before. */
    private double counter(String name, String... tags) {
        clock.add(Duration.ofSeconds(1));
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name, String... tags) {
        clock.add(Duration.ofSeconds(1));
        return registry.get(name).tags(tags).gauge().value();
    }

    private double steps(String wire, String step) {
        clock.add(Duration.ofSeconds(1));
        return registry.get("sluice.handshake")
                .tags("wire", wire, "step", step)
                .functionTimer()
                .count();
    }

    @Test
    void shouldShowConnectionsByWireAndProtocol() throws Exception {
        Endpoint endpoint = serveMeasured(Wire.TCP);
        call(Kind.GRPC, endpoint);
        call(Kind.STREAM_RPC, endpoint);
        assertThat(counter("sluice.connections.accepted", "wire", "tcp")).isEqualTo(2);
        assertThat(counter("sluice.connections.refused", "wire", "tcp")).isZero();
        assertThat(gauge("sluice.connections.open", "wire", "tcp", "protocol", "grpc"))
                .isEqualTo(1);
        await().until(() -> gauge("sluice.connections.open", "wire", "tcp", "protocol", "streamrpc00") == 0);
        assertThat(counter("sluice.connections.closed", "wire", "tcp", "protocol", "streamrpc00", "reason", "closed"))
                .isEqualTo(1);
        assertThat(counter("sluice.connections.received", "wire", "tcp", "protocol", "streamrpc00"))
                .as("magic and request")
                .isGreaterThan(11);
        assertThat(counter("sluice.connections.sent", "wire", "tcp", "protocol", "streamrpc00"))
                .as("the answer")
                .isEqualTo(4);
        assertThat(counter("sluice.detections", "outcome", "grpc")).isEqualTo(1);
        assertThat(counter("sluice.detections", "outcome", "streamrpc00")).isEqualTo(1);
        assertThat(steps("tcp", "detection")).isEqualTo(2);
        assertThat(steps("tcp", "protocol")).isEqualTo(2);
        assertThat(steps("tcp", "layer")).isZero();
    }

    @Test
    void shouldShowTlsAsAWireOfItsOwn() throws Exception {
        Endpoint endpoint = serveMeasured(Wire.TLS);
        assertThat(call(Kind.STREAM_RPC, endpoint).isOk()).isTrue();
        assertThat(counter("sluice.connections.accepted", "wire", "tls")).isEqualTo(1);
        assertThat(steps("tls", "layer")).isEqualTo(1);
    }

    @Test
    void shouldShowWhereClientsFail() throws Exception {
        Endpoint endpoint = serveMeasured(Wire.TLS);
        try (Socket garbage = new Socket(endpoint.host(), endpoint.port())) {
            garbage.getOutputStream().write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            await().until(() -> counter("sluice.handshake.failures", "step", "layer", "cause", "failure") == 1);
        }
        assertThat(counter(
                        "sluice.connections.closed",
                        "wire",
                        "tls",
                        "protocol",
                        "undetected",
                        "reason",
                        "protocol_error"))
                .isEqualTo(1);
    }

    @Test
    void shouldLookAtConnectionsOnceASecondOnly() throws Exception {
        Endpoint endpoint = serveMeasured(Wire.TCP);
        FunctionCounter accepted = registry.get("sluice.connections.accepted").functionCounter();
        call(Kind.GRPC, endpoint);
        assertThat(accepted.count()).as("within the second").isZero();
        clock.add(Duration.ofSeconds(1));
        assertThat(accepted.count()).isEqualTo(1);
    }

    @Test
    void shouldShowBuffersAndLoops() throws Exception {
        Endpoint endpoint = serveMeasured(Wire.MEMORY);
        call(Kind.GRPC, endpoint);
        assertThat(gauge("sluice.buffers.lent.limit"))
                .isEqualTo((double) group.buffers().maxOutstandingBytes());
        assertThat(gauge("sluice.buffers.pooled.limit"))
                .isEqualTo((double) group.buffers().maxPooledBytes());
        assertThat(gauge("sluice.buffers.lent")).isNotNegative();
        assertThat(counter("sluice.loop.turns", "loop", "0") + counter("sluice.loop.turns", "loop", "1"))
                .isPositive();
        assertThat(counter("sluice.loop.slow.turns", "loop", "0")).isNotNegative();
        assertThat(gauge("sluice.loop.queued.tasks", "loop", "1")).isNotNegative();
    }

    @Test
    void shouldHaveACounterForEachBreach() throws Exception {
        serveMeasured(Wire.TCP);
        assertThat(registry.get("sluice.grpc.breaches").meters())
                .extracting(Meter::getId)
                .extracting(id -> id.getTag("breach"))
                .hasSize(Http2Breach.values().length)
                .contains("resets_received");
    }
}
