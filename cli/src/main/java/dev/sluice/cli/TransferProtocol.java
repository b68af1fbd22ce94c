package dev.sluice.cli;

/** By what files are moved. */
enum TransferProtocol {
    /** As a stream of bytes. */
    STREAMRPC,
    /** As a stream of messages. */
    GRPC
}
