package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.NettyTransport;
import dev.sluice.grpc.GrpcServerOptions;
import io.grpc.InsecureServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;

/** The implementations of a gRPC server that are measured side by side, as they come but for {@link ExecutorPolicy}. */
public enum GrpcPeer {
    SLUICE("sluice", false) {
        @Override
        MeasuredServer start(String endpoint, ExecutorPolicy executor) throws IOException {
            return new SluiceGrpcServer(endpoint, executor, GrpcServerOptions.Driving.LOOPS);
        }
    },
    /** Sluice with threads for its connections, not measured unless asked for. */
    SLUICE_THREADS("sluice, threads", false) {
        @Override
        MeasuredServer start(String endpoint, ExecutorPolicy executor) throws IOException {
            return new SluiceGrpcServer(endpoint, executor, GrpcServerOptions.Driving.THREADS);
        }
    },
    /** grpc-okhttp, which Sluice is built on, with sockets of the JDK. */
    OKHTTP("okhttp", true) {
        @Override
        MeasuredServer start(String endpoint, ExecutorPolicy executor) throws IOException {
            return new StockGrpcServer(
                    OkHttpServerBuilder.forPort(Addresses.parse(endpoint), InsecureServerCredentials.create()),
                    executor);
        }
    },
    /** grpc-netty, on the transport that it chooses. */
    NETTY("netty", true) {
        @Override
        MeasuredServer start(String endpoint, ExecutorPolicy executor) throws IOException {
            NettyTransport.nameMachine();
            return new StockGrpcServer(
                    NettyServerBuilder.forAddress(Addresses.parse(endpoint), InsecureServerCredentials.create()),
                    executor);
        }
    };

    private final String label;
    private final boolean reference;

    GrpcPeer(String label, boolean reference) {
        this.label = label;
        this.reference = reference;
    }

    abstract MeasuredServer start(String endpoint, ExecutorPolicy executor) throws IOException;

    /** Returns the name for people. */
    String label() {
        return label;
    }

    /** Returns whether the others are compared to it. */
    boolean isReference() {
        return reference;
    }
}
