package dev.sluice.cli;

import dev.sluice.cli.files.FileClient;
import dev.sluice.cli.files.GrpcFileClient;
import dev.sluice.cli.files.Progress;
import dev.sluice.cli.files.RemoteFiles;
import dev.sluice.cli.files.Transfer;
import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.stream.MessageStreamException;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.ManagedChannel;
import java.io.IOException;

/** Runs one file transfer: connects, shows progress if somebody watches, and closes. */
final class Transfers {
    private final Streams streams;
    private final Endpoint server;
    private final TransferOptions.Protocol protocol;

    Transfers(Streams streams, Endpoint server, TransferOptions.Protocol protocol) {
        this.streams = streams;
        this.server = server;
        this.protocol = protocol;
    }

    /** A transfer with everything but its connection and audience. */
    @FunctionalInterface
    interface Work {
        Transfer run(RemoteFiles files, Progress progress) throws IOException;
    }

    void run(String name, Work work) throws IOException, CommandFailure {
        switch (protocol) {
            case STREAMRPC -> runByStreamRpc(name, work);
            case GRPC -> runByGrpc(name, work);
        }
    }

    private void runByStreamRpc(String name, Work work) throws IOException, CommandFailure {
        try (StreamRpcClient calls = StreamRpcClient.builder(server).build();
                FileClient client = new FileClient(calls)) {
            watch(name, work, client);
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

    private void runByGrpc(String name, Work work) throws IOException, CommandFailure {
        ManagedChannel channel = Grpc.channel(server);
        try {
            watch(name, work, new GrpcFileClient(channel));
        } catch (MessageStreamException e) {
            String description = e.status().getDescription();
            throw new CommandFailure("the server refused: " + (description == null ? e.getMessage() : description), e);
        } catch (TransportException e) {
            if (e.reason() == Reason.CANCELLED) {
                throw e;
            }
            throw ConnectHint.addTo(e, server);
        } finally {
            channel.shutdownNow();
        }
    }

    private void watch(String name, Work work, RemoteFiles files) throws IOException {
        if (!streams.errIsTerminal()) {
            work.run(files, Progress.NONE);
            return;
        }
        try (ProgressBar bar = new ProgressBar(name, streams.err(), System::nanoTime)) {
            bar.finish(work.run(files, bar).bytes());
        }
    }
}
