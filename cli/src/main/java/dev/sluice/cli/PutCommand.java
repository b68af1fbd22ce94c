package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice put}: stores a file. */
@Command(
        name = "put",
        description = {"Put a file on a server.", ""},
        footer = {
            "",
            "The file appears on the server when it is complete, its length and CRC-32C verified, and it is on the disk.",
            "Example: sluice put data.tar tcp://127.0.0.1:8075 archive/data.tar"
        })
final class PutCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(index = "0", paramLabel = "FILE", description = "The file to send.")
    private Path file;

    @Parameters(index = "1", paramLabel = "URI", converter = EndpointConverter.class, description = "The server.")
    private Endpoint server;

    @Parameters(
            index = "2",
            paramLabel = "PATH",
            description = "Its name on the server, relative to the server's root. The directory must be there.")
    private String path;

    @Option(
            names = {"-n", "--no-overwrite"},
            description = "Fail if the server has a file of that name, instead of replacing it.")
    private boolean noOverwrite;

    @Mixin
    private TransferOptions transfer = new TransferOptions();

    @Mixin
    private TlsClientOptions tls = new TlsClientOptions();

    PutCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        String name = String.valueOf(file.getFileName());
        new Transfers(streams, tls.secure(server, streams.err()), transfer.protocol())
                .run(name, (client, progress) -> client.put(file, path, !noOverwrite, progress));
        return 0;
    }
}
