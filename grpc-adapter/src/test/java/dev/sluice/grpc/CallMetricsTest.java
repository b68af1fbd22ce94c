package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One interceptor in front of both kinds of calls. */
class CallMetricsTest extends CallFixture {
    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private final CallMetrics metrics = new CallMetrics(registry);

    private double started() {
        return registry.get("grpc.server.started")
                .tag("grpc_service", "gitaly.TestStreamService")
                .tag("grpc_method", "TestStream")
                .tag("grpc_type", "unary")
                .counter()
                .count();
    }

    private double handled(Status.Code code) {
        return registry
                .find("grpc.server.handled")
                .tag("grpc_service", "gitaly.TestStreamService")
                .tag("grpc_method", "TestStream")
                .tag("grpc_type", "unary")
                .tag("grpc_code", code.name())
                .counters()
                .stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private Timer handling() {
        return registry.get("grpc.server.handling")
                .tag("grpc_service", "gitaly.TestStreamService")
                .tag("grpc_method", "TestStream")
                .timer();
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountAndTimeCallsThatSucceed(Kind kind) throws Exception {
        Endpoint endpoint = serve(request -> clock.add(Duration.ofMillis(30)), metrics);
        assertThat(call(kind, endpoint).isOk()).isTrue();
        assertThat(call(kind, endpoint).isOk()).isTrue();
        await().until(() -> handled(Status.Code.OK) == 2);
        assertThat(started()).isEqualTo(2);
        await().until(() -> handling().count() == 2);
        assertThat(handling().totalTime(TimeUnit.MILLISECONDS)).isEqualTo(60);
        assertThat(handling().takeSnapshot().histogramCounts())
                .filteredOn(bucket -> bucket.bucket(TimeUnit.MILLISECONDS) == 25)
                .singleElement()
                .satisfies(bucket -> assertThat(bucket.count()).isZero());
        assertThat(handling().takeSnapshot().histogramCounts())
                .filteredOn(bucket -> bucket.bucket(TimeUnit.MILLISECONDS) == 50)
                .singleElement()
                .satisfies(bucket -> assertThat(bucket.count()).isEqualTo(2));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountTheCodeThatAMethodThrows(Kind kind) throws Exception {
        Endpoint endpoint = serve(
                request -> {
                    throw new StatusRuntimeException(Status.NOT_FOUND);
                },
                metrics);
        assertThat(call(kind, endpoint).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(handled(Status.Code.NOT_FOUND)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountAFailureOfAMethodAsInternal(Kind kind) throws Exception {
        Endpoint endpoint = serve(
                request -> {
                    throw new IllegalStateException("thrown by a test");
                },
                metrics);
        assertThat(call(kind, endpoint).getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(handled(Status.Code.INTERNAL)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountWhatAnotherInterceptorRefuses(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(new HmacTokens("open sesame"));
        Endpoint endpoint = serve(request -> {}, authentication, metrics);
        assertThat(call(kind, endpoint).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(handled(Status.Code.UNAUTHENTICATED)).isEqualTo(1);
        assertThat(started()).isEqualTo(1);
    }

    @Test
    void shouldNotMakeTagsOfMethodsThatNobodyGenerated() throws Exception {
        MethodDescriptor<byte[], byte[]> method = UNARY.toBuilder()
                .setFullMethodName("proxied.Whatever/AClientAsksFor")
                .setType(MethodType.UNARY)
                .build();
        ServerServiceDefinition service = ServerServiceDefinition.builder("proxied.Whatever")
                .addMethod(method, ServerCalls.asyncUnaryCall((request, done) -> {
                    done.onNext(request);
                    done.onCompleted();
                }))
                .build();
        Endpoint endpoint = start(
                        listening(Wire.TCP),
                        Grpc.serve(b -> b.addService(service).intercept(metrics)))
                .endpoints()
                .get(0);
        ClientCalls.blockingUnaryCall(channel(endpoint), method, CallOptions.DEFAULT, new byte[1]);
        assertThat(registry.getMeters()).allSatisfy(meter -> {
            assertThat(meter.getId().getTag("grpc_service")).isEqualTo("other");
            assertThat(meter.getId().getTag("grpc_method")).isEqualTo("other");
        });
        assertThat(registry.get("grpc.server.handled").counter().count()).isEqualTo(1);
    }
}
