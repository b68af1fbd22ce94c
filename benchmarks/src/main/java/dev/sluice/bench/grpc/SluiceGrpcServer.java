package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.grpc.GrpcServerOptions.Driving;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.time.Duration;

/** gRPC on a port of Sluice's. */
final class SluiceGrpcServer implements MeasuredServer {
    private final SluiceServer server;

    /** The peers do not limit the calls of a connection, and some tests make more of them than Sluice would take unasked. */
    SluiceGrpcServer(String endpoint, ExecutorPolicy executor, Driving driving) throws IOException {
        GrpcServerOptions options = GrpcServerOptions.builder()
                .driving(driving)
                .maxConcurrentCalls(Integer.MAX_VALUE)
                .build();
        server = SluiceServer.builder()
                .listen(Endpoint.parse(endpoint))
                .protocol(Grpc.serve(options, builder -> {
                    builder.addService(PayloadService.definition());
                    executor.applyTo(builder);
                }))
                .start();
    }

    @Override
    public String endpoint() {
        return server.endpoints().get(0).toString();
    }

    @Override
    public void close() {
        server.stop(Duration.ZERO);
    }
}
