package dev.sluice.cli;

import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.cli.serve.Observability;
import dev.sluice.cli.serve.ServedPort;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
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
            "Serve the files below a directory, and a stream echo, until stopped: by StreamRPC, and the files by gRPC, too,"
                    + " with health and reflection, all at every address. Clients with a backchannel are served as well, called"
                    + " back if they ask for it, and sent bytes beside a call.",
            "Anybody who can connect may read and write these files; --client-ca says who can.",
            ""
        },
        footer = {
            "",
            "Prints one line per address once it is ready. SIGTERM and Ctrl-C let transfers and calls finish for 10 s.",
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

    @Option(
            names = "--channelz",
            description =
                    "Offer gRPC's channelz as well, which tells clients of the connections and calls of this process.")
    private boolean channelz;

    @Mixin
    private TlsServerOptions tlsOptions = new TlsServerOptions();

    @Mixin
    private ObservabilityOptions observabilityOptions = new ObservabilityOptions();

    ServeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        Logs.showOperation();
        FileRoot files = FileRoot.of(root);
        try (ServerTls tls = tlsOptions.open(listen);
                FileServer fileServer = FileServer.of(files);
                Observability observability = observabilityOptions.observability()) {
            ServedPort port = new ServedPort(fileServer, files, observability.interceptors(), channelz);
            List<Protocol> protocols = port.protocols();
            SluiceServer.Builder builder = SluiceServer.builder();
            protocols.forEach(builder::protocol);
            tls.endpoints().forEach(builder::listen);
            try (SluiceServer server = builder.start()) {
                List<String> observed = observability.observe(server, protocols, port.peers());
                tls.notice().forEach(line -> streams.err().println("sluice: " + line));
                PrintStream out = new PrintStream(streams.out(), true, Charset.defaultCharset());
                observed.forEach(out::println);
                server.endpoints().forEach(endpoint -> out.println("listening on " + endpoint));
                server.awaitClosed();
                Thread.interrupted(); // told to stop: the rest must be able to wait
                port.stopping();
            }
        }
        return 0;
    }
}
