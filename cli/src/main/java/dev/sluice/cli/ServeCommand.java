package dev.sluice.cli;

import dev.sluice.cli.echo.EchoServer;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.streamrpc.StreamRpc;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice serve}: serves files and the echo until it is told to stop. */
@Command(
        name = "serve",
        description = {
            "Serve the files below a directory, and a stream echo, until stopped.",
            "Anybody who can connect may read and write these files; --client-ca says who can.",
            ""
        },
        footer = {
            "",
            "Prints one line per address once it is ready. SIGTERM and Ctrl-C let transfers finish for 10 s.",
            "Example: sluice serve --listen tcp://127.0.0.1:8075 --listen unix:///run/sluice.sock --root /srv/files",
            "With TLS: sluice serve --listen tls://:8076 --cert server.crt --key server.key --root /srv/files"
        })
final class ServeCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(
            names = {"-l", "--listen"},
            paramLabel = "URI",
            converter = EndpointConverter.class,
            defaultValue = "tcp://127.0.0.1:8075",
            description = "Address to listen on; may be given more than once. Default: ${DEFAULT-VALUE}.")
    private List<Endpoint> listen;

    @Option(
            names = {"-r", "--root"},
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Directory whose files are served. Default: the current one.")
    private Path root;

    @Mixin
    private TlsServerOptions tlsOptions = new TlsServerOptions();

    ServeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        Logs.showOperation();
        FileRoot files = FileRoot.of(root);
        try (ServerTls tls = tlsOptions.open(listen);
                FileServer fileServer = FileServer.of(files)) {
            SluiceServer.Builder builder = SluiceServer.builder()
                    .protocol(StreamRpc.serve(s -> s.addService(fileServer).addService(new EchoServer(files))));
            tls.endpoints().forEach(builder::listen);
            try (SluiceServer server = builder.start()) {
                tls.notice().forEach(line -> streams.err().println("sluice: " + line));
                PrintStream out = new PrintStream(streams.out(), true, Charset.defaultCharset());
                server.endpoints().forEach(endpoint -> out.println("listening on " + endpoint));
                server.awaitClosed();
                Thread.interrupted(); // told to stop: the rest must be able to wait
            }
        }
        return 0;
    }
}
