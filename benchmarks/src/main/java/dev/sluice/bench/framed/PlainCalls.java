package dev.sluice.bench.framed;

import dev.sluice.bench.harness.HandOver;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The other end of {@link PlainServer}, and of the plain server of files. */
final class PlainCalls implements Calls {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final Endpoint server;
    private final ByteBuffer question = ByteBuffer.allocateDirect(PlainStreams.ECHO_BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(PlainStreams.ECHO_BYTES);
    private long sequence;
    private Optional<ByteStream> kept = Optional.empty();

    /** Connects to nobody yet. */
    PlainCalls(String endpoint) {
        server = Endpoint.parse(endpoint);
    }

    private ByteStream connect() throws IOException {
        CompletableFuture<ByteStream> connected = new CompletableFuture<>();
        group.connect(server, new HandOver(connected::complete), CONNECT_LIMIT).whenComplete((connection, failure) -> {
            if (failure != null) {
                connected.completeExceptionally(failure);
            }
        });
        try {
            return connected.join();
        } catch (CompletionException e) {
            throw new IOException("connect to " + server + " failed", e.getCause());
        }
    }

    private ByteStream stream() throws IOException {
        if (kept.isEmpty()) {
            kept = Optional.of(connect());
        }
        return kept.get();
    }

    @Override
    public long download(long bytes) throws IOException {
        PlainStreams.writeCount(stream(), bytes);
        return PlainStreams.drain(stream(), bytes);
    }

    @Override
    public long upload(long bytes) throws IOException {
        PlainStreams.writeCount(stream(), bytes);
        PlainStreams.send(new Body(bytes), stream());
        return PlainStreams.readCount(stream());
    }

    @Override
    public long fetchFile() throws IOException {
        try (ByteStream file = connect()) {
            return Body.drain(file.inputStream());
        }
    }

    @Override
    public void echo() throws IOException {
        ByteStream stream = stream();
        question.clear();
        question.putLong(0, sequence++);
        stream.write(question);
        question.flip();
        if (!PlainStreams.read(stream, answer.clear())) {
            throw new EOFException("the server ended instead of an answer");
        }
        if (question.mismatch(answer) >= 0) {
            throw new IOException("an answer differs from its question");
        }
    }

    @Override
    public void close() {
        kept.ifPresent(ByteStream::close);
        group.close();
    }
}
