package dev.sluice.cli.demo;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.gitaly.Repository;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** One echo of a range of a file into the same range of another. One thread, and one more that sends. */
final class EchoCall implements AutoCloseable {
    private final ByteStream stream;
    private final long count;

    /** Calls, and returns once the server has accepted. */
    EchoCall(StreamRpcClient client, long count) throws TransportException {
        this.count = count;
        this.stream = client.call(
                TestStreamServiceGrpc.getTestStreamMethod(),
                TestStreamRequest.newBuilder()
                        .setRepository(Repository.newBuilder().setRelativePath(Site.REPOSITORY))
                        .setSize(count)
                        .build());
    }

    void run(FileChannel source, FileChannel target, long position, ExecutorService threads)
            throws IOException, InterruptedException {
        Future<?> sender = threads.submit(() -> stream.transferFrom(source, position, count));
        try {
            long back = stream.transferTo(target, position, count);
            if (back != count) {
                throw new TransportException(
                        Reason.TRUNCATED, "of " + count + " bytes sent only " + back + " came back");
            }
            sender.get();
        } catch (ExecutionException e) {
            throw TransportException.of("send to the echo", e.getCause());
        } finally {
            stream.close();
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
