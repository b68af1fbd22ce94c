package dev.sluice.bench.framed;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.framed.Endpoints;
import dev.sluice.streamrpc.framed.FramedRpc;
import dev.sluice.streamrpc.framed.JacksonBodies;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Function;

/** The endpoints that are called, all of them whatever the test. */
final class RpcServer implements MeasuredServer {
    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final SluiceServer server;

    /** What is small. */
    record Message(long sequence, String text) {}

    /**
     * Starts to listen.
     *
     * @param protocol with extensions or without
     * @param file what to send where a file is asked for
     */
    RpcServer(String endpoint, Function<Endpoints, Protocol> protocol, Path file) throws IOException {
        Endpoints endpoints = Endpoints.builder(JacksonBodies.create())
                .add("Echo", Message.class, Message.class, message -> message)
                .add("Download", Long.class, Octets.class, bytes -> Octets.of(new Body(bytes)))
                .add("Upload", Octets.class, Long.class, octets -> Body.drain(octets.inputStream()))
                .add("Fetch", Message.class, Octets.class, message -> open(file))
                .build();
        try {
            server = SluiceServer.builder()
                    .group(group)
                    .listen(Endpoint.parse(endpoint))
                    .protocol(protocol.apply(endpoints))
                    .start();
        } catch (IOException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    /** With extensions. */
    static RpcServer extended(String endpoint, Path file) throws IOException {
        return new RpcServer(endpoint, FramedRpc::serve, file);
    }

    /** Without. */
    static RpcServer plain(String endpoint, Path file) throws IOException {
        return new RpcServer(endpoint, FramedRpc::servePlain, file);
    }

    private static Octets open(Path file) throws IOException {
        FileChannel source = FileChannel.open(file);
        return Octets.of(source, 0, source.size());
    }

    @Override
    public String endpoint() {
        return server.endpoints().get(0).toString();
    }

    @Override
    public void close() {
        server.close();
        group.close();
    }
}
