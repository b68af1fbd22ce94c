package dev.sluice.cli;

import dev.sluice.cli.files.FileClient;
import dev.sluice.cli.files.Progress;
import dev.sluice.cli.files.Transfer;
import dev.sluice.nio.Endpoint;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import java.io.IOException;

/** Runs one file transfer: connects, shows progress if somebody watches, and closes. */
final class Transfers {
    private final Streams streams;
    private final Endpoint server;

    Transfers(Streams streams, Endpoint server) {
        this.streams = streams;
        this.server = server;
    }

    /** A transfer with everything but its connection and audience. */
    @FunctionalInterface
    interface Work {
        Transfer run(FileClient client, Progress progress) throws IOException;
    }

    void run(String name, Work work) throws IOException, CommandFailure {
        try {
            connectAndRun(name, work);
        } catch (StreamRpcException e) {
            if (e.isRejection()) {
                throw new CommandFailure("the server refused: " + withoutCode(e.getMessage()), e);
            }
            throw ConnectHint.addTo(e, server);
        }
    }

    /** The file service's sentences say all; the code in front of them is for programs. */
    private static String withoutCode(String rejection) {
        return rejection.replaceFirst("^rpc error: code = \\w+ desc = ", "");
    }

    private void connectAndRun(String name, Work work) throws IOException {
        try (StreamRpcClient calls = StreamRpcClient.builder(server).build();
                FileClient client = new FileClient(calls)) {
            if (!streams.errIsTerminal()) {
                work.run(client, Progress.NONE);
                return;
            }
            try (ProgressBar bar = new ProgressBar(name, streams.err(), System::nanoTime)) {
                bar.finish(work.run(client, bar).bytes());
            }
        }
    }
}
