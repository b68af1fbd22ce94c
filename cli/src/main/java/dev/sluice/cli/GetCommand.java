package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice get}: fetches a file. */
@Command(
        name = "get",
        description = {"Get a file from a server.", ""},
        footer = {
            "",
            "The file appears under its name when it is complete, its length and CRC-32C verified; until then it is"
                    + " called .NAME.RANDOM.part. What is written to standard output or a device is good only if the exit"
                    + " code is 0.",
            "Example: sluice get tcp://127.0.0.1:8075 archive/data.tar -o data.tar"
        })
final class GetCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    private final Streams streams;

    @Parameters(index = "0", paramLabel = "URI", converter = EndpointConverter.class, description = "The server.")
    private Endpoint server;

    @Parameters(index = "1", paramLabel = "PATH", description = "The file, relative to the server's root.")
    private String path;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to put it: a file, a directory, or - for standard output. Default: the file's name,"
                    + " in the current directory.")
    private Optional<String> output;

    @Mixin
    private TransferOptions transfer = new TransferOptions();

    @Mixin
    private TlsClientOptions tls = new TlsClientOptions();

    GetCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        Transfers transfers = new Transfers(streams, tls.secure(server, streams.err()), transfer.protocol());
        if (output.filter(STANDARD_OUTPUT::equals).isPresent()) {
            WritableByteChannel out = Channels.newChannel(streams.out());
            write(transfers, "standard output", out);
            return 0;
        }
        Path target = target();
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            // A device or FIFO keeps its place: /dev/null must not become a file.
            try (FileChannel device = FileChannel.open(target, StandardOpenOption.WRITE)) {
                write(transfers, target.toString(), device);
            }
            return 0;
        }
        transfers.run(baseName(), (client, progress) -> client.get(path, target, progress));
        return 0;
    }

    private void write(Transfers transfers, String where, WritableByteChannel sink) throws IOException, CommandFailure {
        try {
            transfers.run(baseName(), (client, progress) -> client.get(path, sink, progress));
        } catch (TransportException e) {
            throw e;
        } catch (IOException e) {
            throw new CommandFailure("cannot write to " + where + ": " + e.getMessage(), e);
        }
    }

    private Path target() throws CommandFailure {
        Path given = Path.of(output.orElse(""));
        if (!Files.isDirectory(given)) {
            return given;
        }
        String name = baseName();
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new CommandFailure(
                    "'" + path + "' does not end with the name of a file; name a file below the" + " server's root");
        }
        Path within = given.resolve(name);
        if (Files.isDirectory(within)) {
            throw new CommandFailure("there is a directory called '" + within + "'; choose another name with -o");
        }
        return within;
    }

    private String baseName() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
