package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Load;
import java.io.IOException;

/** What is asked of each server, in this order. */
enum GrpcTest {
    /** First: many calls warm a fresh server up. */
    CALLS_1X64("1 connection, 64 calls at a time", 1, 64),
    CALLS_1X256("1 connection, 256 calls at a time", 1, 256),
    CALLS_16X64("16 connections, 64 calls at a time", 16, 64),
    CALLS_16X256("16 connections, 256 calls at a time", 16, 256),
    LATENCY("1 connection, one call after the other", 1, 1),
    STREAM("1 stream of 64 KiB messages at a time", 1, 1) {
        @Override
        Load open(String endpoint) {
            return new StreamLoad(new GrpcClient(endpoint, 1));
        }
    };

    private final String title;
    private final int connections;
    private final int calls;

    GrpcTest(String title, int connections, int calls) {
        this.title = title;
        this.connections = connections;
        this.calls = calls;
    }

    /** Connects to a server. */
    Load open(String endpoint) throws IOException {
        return new UnaryLoad(new GrpcClient(endpoint, connections), calls);
    }

    String title() {
        return title;
    }

    int connections() {
        return connections;
    }

    /** Returns how many calls are open at a time, on all connections together. */
    int calls() {
        return calls;
    }
}
