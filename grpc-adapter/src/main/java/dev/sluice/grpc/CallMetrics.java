package dev.sluice.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts and times calls, of gRPC and StreamRPC alike, by the names that gRPC's servers have in Prometheus: {@code grpc_server_started},
 * {@code grpc_server_handled} by code, {@code grpc_server_handling_seconds} as a histogram. A call of StreamRPC lasts as long as its
 * stream. Add it last, so that it runs first and sees what other interceptors refuse.
 *
 * <p>Service and method become tags for methods of generated code only, which are as many as there are: others, as those of a proxy
 * that serves whatever it is asked for, count as {@code other} unless they are
 * {@linkplain MethodDescriptor#isSampledToLocalTracing() marked as generated}. Methods that nobody serves never get here.
 *
 * <p>Needs {@code io.micrometer:micrometer-core}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class CallMetrics implements ServerInterceptor {
    private static final String OTHER = "other";
    /** What calls take that only compute, to what streams take; the first eleven are Prometheus's own choice. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
        Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMinutes(1),
        Duration.ofMinutes(10)
    };

    private final MeterRegistry registry;
    /** By the full name of the method, or by the type of those that share theirs. */
    private final Map<String, MethodMeters> meters = new ConcurrentHashMap<>();

    /** Creates an interceptor that registers its meters with {@code registry}. One serves any number of servers. */
    public CallMetrics(MeterRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        MethodMeters method = metersOf(call.getMethodDescriptor());
        method.started.increment();
        long beginNanos = registry.config().clock().monotonicTime();
        CallWatch watch = new CallWatch() {
            @Override
            void ended(Status status) {
                method.handled(status.getCode()).increment();
                method.handling.record(registry.config().clock().monotonicTime() - beginNanos, TimeUnit.NANOSECONDS);
            }
        };
        return watch.start(call, headers, next);
    }

    private MethodMeters metersOf(MethodDescriptor<?, ?> method) {
        return method.isSampledToLocalTracing()
                ? meters.computeIfAbsent(
                        method.getFullMethodName(),
                        name -> new MethodMeters(
                                tags(method.getType(), method.getServiceName(), method.getBareMethodName())))
                : meters.computeIfAbsent(
                        method.getType().name(), name -> new MethodMeters(tags(method.getType(), OTHER, OTHER)));
    }

    private static Tags tags(MethodType type, String service, String method) {
        return Tags.of("grpc_type", typeOf(type), "grpc_service", service, "grpc_method", method);
    }

    private static String typeOf(MethodType type) {
        return switch (type) {
            case UNARY -> "unary";
            case CLIENT_STREAMING -> "client_stream";
            case SERVER_STREAMING -> "server_stream";
            case BIDI_STREAMING -> "bidi_stream";
            case UNKNOWN -> "unknown";
        };
    }

    private final class MethodMeters {
        private final Tags tags;
        private final Counter started;
        private final Timer handling;
        private final Map<Status.Code, Counter> handled = new ConcurrentHashMap<>();

        MethodMeters(Tags tags) {
            this.tags = tags;
            started = Counter.builder("grpc.server.started")
                    .description("Calls that have begun")
                    .tags(tags)
                    .register(registry);
            handling = Timer.builder("grpc.server.handling")
                    .description("Time from the beginning of a call to its end")
                    .tags(tags)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
        }

        Counter handled(Status.Code code) {
            return handled.computeIfAbsent(
                    code,
                    c -> Counter.builder("grpc.server.handled")
                            .description("Calls that have ended, by their status")
                            .tags(tags.and("grpc_code", c.name()))
                            .register(registry));
        }
    }
}
