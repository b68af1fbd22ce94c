package dev.sluice.bench.framed;

import dev.sluice.bench.file.PlainFileServer;
import dev.sluice.bench.harness.Contender;
import dev.sluice.bench.harness.MeasuredServer;
import java.io.IOException;
import java.nio.file.Path;

/** What is measured side by side, each with itself at the other end. */
public enum FramedPeer implements Contender {
    /** With extensions, which is the default. */
    FRAMED("framed rpc", false) {
        @Override
        MeasuredServer start(FramedTest test, String endpoint, Path file) throws IOException {
            return RpcServer.extended(endpoint, file);
        }

        @Override
        Calls connect(String endpoint) {
            return new RpcCalls(endpoint, true);
        }
    },
    /** Without: an upload has a connection of its own each time. */
    FRAMED_PLAIN("framed rpc, plain", false) {
        @Override
        MeasuredServer start(FramedTest test, String endpoint, Path file) throws IOException {
            return RpcServer.plain(endpoint, file);
        }

        @Override
        Calls connect(String endpoint) {
            return new RpcCalls(endpoint, false);
        }
    },
    /** No RPC at all. */
    LOOP("plain loop", true) {
        @Override
        MeasuredServer start(FramedTest test, String endpoint, Path file) throws IOException {
            return test == FramedTest.FILE
                    ? new PlainFileServer(endpoint, file, PlainFileServer::transferTo)
                    : new PlainServer(test, endpoint);
        }

        @Override
        Calls connect(String endpoint) {
            return new PlainCalls(endpoint);
        }
    };

    private final String label;
    private final boolean reference;

    FramedPeer(String label, boolean reference) {
        this.label = label;
        this.reference = reference;
    }

    /**
     * Starts a server in this process.
     *
     * @param file what {@link FramedTest#FILE} moves
     */
    abstract MeasuredServer start(FramedTest test, String endpoint, Path file) throws IOException;

    /** Returns what calls a server of the same kind. */
    abstract Calls connect(String endpoint);

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean isReference() {
        return reference;
    }
}
