package dev.sluice.bench.file;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.StreamRpc;
import java.io.IOException;
import java.nio.file.Path;

/** The file service of the command, with the file's folder for its root. */
final class SluiceFileServiceServer implements MeasuredServer {
    /** What the file must be called. */
    static final String NAME = "data";

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final FileServer files;
    private final SluiceServer server;

    SluiceFileServiceServer(String endpoint, Path file) throws IOException {
        this.files = FileServer.of(FileRoot.of(file.resolveSibling(".")));
        this.server = SluiceServer.builder()
                .group(group)
                .listen(Endpoint.parse(endpoint))
                .protocol(StreamRpc.serve(s -> s.addService(files)))
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
