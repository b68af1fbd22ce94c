package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.MeasuredServer;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.io.InterruptedIOException;

/** A server of gRPC's own. */
final class StockGrpcServer implements MeasuredServer {
    private final Server server;

    StockGrpcServer(ServerBuilder<?> builder, ExecutorPolicy executor) throws IOException {
        builder.addService(PayloadService.definition());
        executor.applyTo(builder);
        server = builder.build().start();
    }

    @Override
    public String endpoint() {
        return "tcp://127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() throws IOException {
        try {
            server.shutdownNow().awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the server ended");
        }
    }
}
