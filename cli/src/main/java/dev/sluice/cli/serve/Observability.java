package dev.sluice.cli.serve;

import dev.sluice.grpc.AccessLog;
import dev.sluice.grpc.BackchannelMetrics;
import dev.sluice.grpc.CallMetrics;
import dev.sluice.grpc.CorrelationId;
import dev.sluice.grpc.GrpcServer;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.grpc.ServerMetrics;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import io.grpc.ServerInterceptor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an operator sees of a server that runs: its metrics and its access log, as far as they are wanted. For one thread. */
public final class Observability implements AutoCloseable {
    private final Optional<Endpoint> metricsAddress;
    private final boolean accessLog;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private Optional<MetricsEndpoint> metrics = Optional.empty();

    /** Nothing is open yet. */
    public Observability(Optional<Endpoint> metricsAddress, boolean accessLog) {
        this.metricsAddress = metricsAddress;
        this.accessLog = accessLog;
    }

    /** Returns what is to stand before every call; the last runs first. */
    public List<ServerInterceptor> interceptors() {
        List<ServerInterceptor> wanted = new ArrayList<>();
        if (accessLog) {
            wanted.add(CorrelationId.create());
        }
        metricsAddress.ifPresent(address -> wanted.add(new CallMetrics(registry)));
        if (accessLog) {
            wanted.add(AccessLog.create());
        }
        return wanted;
    }

    /**
     * Begins to tell of a server that runs, and returns what a person should know of that.
     *
     * @throws TransportException if nobody can listen at the address of the metrics
     */
    public List<String> observe(SluiceServer server, List<Protocol> protocols, PeerRegistry peers)
            throws TransportException {
        if (metricsAddress.isEmpty()) {
            return List.of();
        }
        GrpcServer[] grpc = protocols.stream()
                .filter(GrpcServer.class::isInstance)
                .map(GrpcServer.class::cast)
                .toArray(GrpcServer[]::new);
        new ServerMetrics(server, grpc).bindTo(registry);
        new BackchannelMetrics(peers).bindTo(registry);
        MetricsEndpoint opened = MetricsEndpoint.open(metricsAddress.get(), registry::scrape);
        metrics = Optional.of(opened);
        return List.of("metrics at " + opened.url());
    }

    @Override
    public void close() {
        metrics.ifPresent(MetricsEndpoint::close);
        registry.close();
    }
}
