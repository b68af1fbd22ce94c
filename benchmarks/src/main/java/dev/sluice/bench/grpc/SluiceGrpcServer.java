package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.ServerBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.time.Duration;

/** gRPC on a port of Sluice's. */
final class SluiceGrpcServer implements MeasuredServer {
    private final SluiceServer server;

    SluiceGrpcServer(String endpoint, ExecutorPolicy executor) throws IOException {
        server = SluiceServer.builder()
                .listen(Endpoint.parse(endpoint))
                .protocol(Grpc.serve(builder -> configure(builder, executor)))
                .start();
    }

    /** The peers do not limit the calls of a connection, and some tests make more of them than Sluice would take unasked. */
    private static void configure(ServerBuilder<?> builder, ExecutorPolicy executor) {
        builder.addService(PayloadService.definition());
        ((OkHttpServerBuilder) builder).maxConcurrentCallsPerConnection(Integer.MAX_VALUE);
        executor.applyTo(builder);
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
