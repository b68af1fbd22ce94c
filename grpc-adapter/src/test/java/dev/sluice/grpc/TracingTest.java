package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OpenTelemetry's own interceptors for gRPC, in front of both kinds of calls. */
class TracingTest extends CallFixture {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    private final GrpcTelemetry telemetry = GrpcTelemetry.create(sdk);

    @AfterEach
    void closeSdk() {
        sdk.close();
    }

    private SpanData span(SpanKind kind) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getKind() == kind)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeOneTraceFromTheClientIntoTheMethod(Kind kind) throws Exception {
        AtomicReference<String> traceWithinTheMethod = new AtomicReference<>();
        Endpoint endpoint = serve(
                request ->
                        traceWithinTheMethod.set(Span.current().getSpanContext().getTraceId()),
                telemetry.createServerInterceptor());
        assertThat(call(kind, endpoint, telemetry.createClientInterceptor()).isOk())
                .isTrue();
        await().untilAsserted(() -> assertThat(spans.getFinishedSpanItems()).hasSize(2));
        SpanData client = span(SpanKind.CLIENT);
        SpanData server = span(SpanKind.SERVER);
        assertThat(server.getTraceId()).isEqualTo(client.getTraceId()).isEqualTo(traceWithinTheMethod.get());
        assertThat(server.getParentSpanId()).isEqualTo(client.getSpanId());
        assertThat(server.getName()).isEqualTo("gitaly.TestStreamService/TestStream");
    }
}
