package dev.sluice.cli;

import picocli.CommandLine.Option;

/** The options of all commands that move files. */
final class TransferOptions {
    /** By what files are moved. */
    enum Protocol {
        /** As a stream of bytes. */
        STREAMRPC,
        /** As a stream of messages. */
        GRPC
    }

    @Option(
            names = {"-p", "--protocol"},
            paramLabel = "NAME",
            defaultValue = "streamrpc",
            description = "How to move it: streamrpc, or grpc for servers that have nothing else. Default: streamrpc.")
    private Protocol protocol;

    Protocol protocol() {
        return protocol;
    }
}
