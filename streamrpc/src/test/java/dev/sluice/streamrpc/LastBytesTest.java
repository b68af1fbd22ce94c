package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client gets all that the server wrote, whatever it sent that the server did not read: a socket closed with unread input, or
 * that gets input after it was closed, answers with a reset that destroys what is still on its way.
 */
class LastBytesTest extends RpcFixture {
    /** More than a socket's buffers take at once, so that most of it is on its way when the server closes. */
    private static final int ANSWER_BYTES = 2 << 20;

    @TempDir
    static Path directory;

    private final CountDownLatch sent = new CountDownLatch(1);

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                Endpoint.tcp("127.0.0.1", 0),
                Endpoint.unix(directory.resolve("last")),
                Endpoint.memory("LastBytesTest"));
    }

    private SluiceServer serve(Endpoint endpoint, int answerBytes) throws IOException {
        return serve(s -> s.addService(service((request, done) -> answer(answerBytes, done))), endpoint);
    }

    /** Answers without reading, when the client has sent what it had. */
    private void answer(int bytes, StreamObserver<byte[]> done) {
        try {
            ByteStream stream = StreamRpc.accept();
            assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
            stream.outputStream().write(new byte[bytes]);
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldDeliverAllWhenInputIsLeftUnread(Endpoint endpoint) throws IOException {
        SluiceServer server = serve(endpoint, 100_000);
        try (ByteStream stream = client(server.endpoints().get(0)).call(STREAM, NOTHING)) {
            stream.outputStream().write(new byte[10_000]);
            sent.countDown();
            assertThat(stream.inputStream().readAllBytes()).hasSize(100_000);
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldDeliverAllWhenInputComesAfterTheServerIsDone(Endpoint endpoint) throws IOException {
        SluiceServer server = serve(endpoint, ANSWER_BYTES);
        try (ByteStream stream = client(server.endpoints().get(0)).call(STREAM, NOTHING)) {
            sent.countDown();
            int received = stream.inputStream().readNBytes(ANSWER_BYTES / 2).length;
            for (int i = 0; i < 16; i++) { // the last halves come when all was written long ago
                stream.outputStream().write(new byte[10]);
                received += stream.inputStream().readNBytes(ANSWER_BYTES / 32).length;
            }
            assertThat(received).isEqualTo(ANSWER_BYTES);
            assertThat(stream.inputStream().read()).isEqualTo(-1);
        }
    }
}
