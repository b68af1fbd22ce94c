package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many calls at once, on every transport, blocking and not. */
class ManyCallsTest extends RpcFixture {
    private static final int CALLS = 100;
    private static final int BYTES = 50_000;

    @TempDir
    static Path directory;

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                Endpoint.tcp("127.0.0.1", 0),
                Endpoint.unix(directory.resolve("many")),
                Endpoint.memory("ManyCallsTest"));
    }

    /** Echoes until the client ends. */
    private static void echo(byte[] request, StreamObserver<byte[]> done) {
        try {
            ByteStream stream = StreamRpc.accept();
            stream.transferTo(stream, Long.MAX_VALUE);
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    private SluiceServer serveEcho(Endpoint endpoint) throws IOException {
        return serve(s -> s.addService(service(ManyCallsTest::echo)), endpoint);
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldKeepConcurrentCallsApart(Endpoint endpoint) throws Exception {
        SluiceServer server = serveEcho(endpoint);
        StreamRpcClient client = client(server.endpoints().get(0));
        ExecutorService callers = Executors.newFixedThreadPool(CALLS);
        keep((AutoCloseable) callers::shutdownNow);
        CyclicBarrier allConnected = new CyclicBarrier(CALLS);
        List<Future<byte[]>> echoes = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            byte[] sent = randomBytes(i);
            echoes.add(callers.submit(() -> {
                try (ByteStream stream = client.call(STREAM, NOTHING)) {
                    allConnected.await(20, TimeUnit.SECONDS);
                    stream.outputStream().write(sent);
                    stream.shutdownOutput();
                    return stream.inputStream().readAllBytes();
                }
            }));
        }
        for (int i = 0; i < CALLS; i++) {
            assertThat(echoes.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(randomBytes(i));
        }
        await().untilAsserted(() -> assertThat(server.stats().open()).isZero());
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(CALLS, 0, 0));
    }

    private static byte[] randomBytes(int seed) {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldCallWithoutBlocking(Endpoint endpoint) throws Exception {
        SluiceServer server = serveEcho(endpoint);
        StreamRpcClient client = client(server.endpoints().get(0));
        List<Asker> askers = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            Asker asker = new Asker(i);
            askers.add(asker);
            client.start(STREAM, NOTHING, asker).whenComplete((connection, failure) -> {
                if (failure != null) {
                    asker.answer.completeExceptionally(failure);
                }
            });
        }
        for (int i = 0; i < CALLS; i++) {
            assertThat(askers.get(i).answer.get(20, TimeUnit.SECONDS)).isEqualTo(i);
        }
    }

    /** Sends a number and waits for its echo. */
    private static final class Asker implements ConnectionHandler {
        private final ByteBuffer question = ByteBuffer.allocate(4);
        private final ByteBuffer bytes = ByteBuffer.allocate(4);
        private final CompletableFuture<Integer> answer = new CompletableFuture<>();

        Asker(int number) {
            question.putInt(number).flip();
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            connection.write(question);
            connection.shutdownOutput();
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (connection.read(bytes) < 0 || !bytes.hasRemaining()) {
                answer.complete(bytes.flip().getInt());
                connection.close();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            answer.completeExceptionally(cause);
        }
    }
}
