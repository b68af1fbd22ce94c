package dev.sluice.cli;

/** By what a method is called. */
enum CallProtocol {
    /** gRPC for what the server's reflection describes as something else than a byte stream, and StreamRPC for the rest. */
    AUTO,
    GRPC,
    STREAMRPC
}
