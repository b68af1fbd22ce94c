package dev.sluice.bench.framed;

import dev.sluice.bench.framed.RpcServer.Message;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.FramedClient;
import dev.sluice.streamrpc.framed.JacksonBodies;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.util.concurrent.ExecutorService;

/** Calls by the framed RPC. */
final class RpcCalls implements Calls {
    private static final BodyCodec JSON = JacksonBodies.create();
    /** With it a message has about 64 bytes of JSON. */
    private static final String TEXT = "x".repeat(34);

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final ExecutorService threads = HandlerThreads.create("uploads", HandlerThreads.DEFAULT_MAX_THREADS);
    private final Endpoint server;
    private final boolean extended;
    private final FramedClient client;
    private long sequence;

    /** Connects to nobody yet. */
    RpcCalls(String endpoint, boolean extended) {
        this.server = Endpoint.parse(endpoint);
        this.extended = extended;
        this.client = newClient();
    }

    private FramedClient newClient() {
        FramedClient.Builder builder =
                FramedClient.builder(server, JSON).group(group).executor(threads);
        return (extended ? builder : builder.plain()).build();
    }

    @Override
    public long download(long bytes) throws IOException {
        try (Octets octets = client.call("Download", bytes, Octets.class)) {
            return Body.drain(octets.inputStream());
        }
    }

    @Override
    public long upload(long bytes) throws IOException {
        return client.call("Upload", Octets.of(new Body(bytes)), Long.class);
    }

    @Override
    public long fetchFile() throws IOException {
        try (FramedClient once = newClient();
                Octets octets = once.call("Fetch", new Message(0, ""), Octets.class)) {
            return Body.drain(octets.inputStream());
        }
    }

    @Override
    public void echo() throws IOException {
        Message question = new Message(sequence++, TEXT);
        if (!client.call("Echo", question, Message.class).equals(question)) {
            throw new IOException("an answer differs from its question");
        }
    }

    @Override
    public void close() {
        client.close();
        group.close();
        threads.shutdown();
    }
}
