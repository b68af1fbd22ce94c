package dev.sluice.bench.file;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/** The file service of the command, with the file's folder for its root. */
final class SluiceFileServiceServer implements MeasuredServer {
    /** What the file must be called. */
    static final String NAME = "data";

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final FileServer files;
    private final SluiceServer server;

    /** @param protocol by which the files are served */
    SluiceFileServiceServer(String endpoint, Path file, Function<FileServer, Protocol> protocol) throws IOException {
        this.files = FileServer.of(FileRoot.of(file.resolveSibling(".")));
        this.server = SluiceServer.builder()
                .group(group)
                .listen(Endpoint.parse(endpoint))
                .protocol(protocol.apply(files))
                .start();
    }

    @Override
    public String endpoint() {
        return server.endpoints().get(0).toString();
    }

    @Override
    public void close() {
        server.close();
        files.close();
        group.close();
    }
}
