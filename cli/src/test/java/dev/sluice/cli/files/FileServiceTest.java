package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.StatResponse;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Files as byte streams. */
class FileServiceTest extends RemoteFilesContract {
    private final List<AutoCloseable> clients = new ArrayList<>();

    @Override
    FileClient connect(Endpoint endpoint) {
        return connect(endpoint, HandlerThreads.create("test-files", 10));
    }

    private FileClient connect(Endpoint endpoint, ExecutorService threads) {
        StreamRpcClient calls = StreamRpcClient.builder(endpoint).build();
        FileClient client = new FileClient(calls, threads);
        clients.add(client);
        clients.add(calls);
        return client;
    }

    @Override
    void closeClients() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
    }

    @Override
    Status.Code codeOfRefusal(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        StreamRpcException.class,
                        e -> assertThat(e.isRejection()).isTrue());
        return ((StreamRpcException) failure).status().getCode();
    }

    @Override
    List<Call> readingCalls(String path) {
        List<Call> calls = new ArrayList<>(super.readingCalls(path));
        calls.add(() -> fileClient().stat(path, true));
        return calls;
    }

    private FileClient fileClient() {
        return connect(address());
    }

    @Test
    void shouldSayThatThreadsAreBusyWhenAPutGetsNone() throws IOException {
        ExecutorService single = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>());
        CountDownLatch blocked = new CountDownLatch(1);
        single.execute(() -> awaitQuietly(blocked));
        Path source = Files.writeString(directory.resolve("source"), "content");
        assertThatThrownBy(() -> connect(address(), single).put(source, "put", true, Progress.NONE))
                .isInstanceOf(TransportException.class)
                .hasMessage("put 'put': all 64 threads of this client are busy with other transfers; wait for one of"
                        + " them, or use another client")
                .extracting(e -> ((TransportException) e).reason())
                .isEqualTo(Reason.LIMIT_EXCEEDED);
        blocked.countDown();
        assertThat(root().resolve("put")).doesNotExist();
    }

    @Test
    void shouldSayThatItIsClosedWhenAPutComesAfterThat() throws IOException {
        FileClient client = fileClient();
        client.close();
        Path source = Files.writeString(directory.resolve("source"), "content");
        assertThatThrownBy(() -> client.put(source, "put", true, Progress.NONE))
                .isInstanceOf(TransportException.class)
                .hasMessage("put 'put': this client is closed");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldTellSizeTimeAndChecksumWhenAskedForThem() throws IOException {
        FileTime modified = FileTime.from(Instant.ofEpochSecond(1_700_000_000));
        Files.setLastModifiedTime(root().resolve("dir/file"), modified);

        StatResponse plain = fileClient().stat("dir/file", false);
        StatResponse full = fileClient().stat("dir/file", true);

        assertThat(plain.getSize()).isEqualTo(6);
        assertThat(plain.getModified().getSeconds()).isEqualTo(1_700_000_000);
        assertThat(plain.hasCrc32C()).isFalse();
        assertThat(full.getCrc32C()).isEqualTo(crc32c("within".getBytes(StandardCharsets.US_ASCII)));
    }
}
