package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link FileShare} and {@link FileDownload} are each other's peers. */
class FileShareTest {
    private static final String TCP = "tcp://127.0.0.1:0";

    @TempDir
    Path directory;

    private final List<String> log = new CopyOnWriteArrayList<>();

    /** Over a transport of one's own as well as over any other. */
    @ParameterizedTest
    @ValueSource(strings = {TCP, "ring:files"})
    void shouldAnswerByGrpcAndStreamByStreamRpcOnOnePort(String address) throws IOException {
        byte[] content = new byte[1_000_000];
        new Random(1).nextBytes(content);
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.write(shared.resolve("file"), content);
        Path target = directory.resolve("got");
        try (SluiceServer server = FileShare.start(Endpoint.parse(address), shared, log::add)) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            long size = FileServiceGrpc.newBlockingStub(channel)
                    .stat(StatRequest.newBuilder().setPath("file").build())
                    .getSize();
            channel.shutdownNow();
            FileDownload.download(server.endpoints().get(0), "file", target);

            assertThat(size).isEqualTo(content.length);
            assertThat(target).hasBinaryContent(content);
            assertThat(log).containsExactly("sluice.files.v1.FileService/Stat", "sluice.files.v1.FileService/Get");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "../secret", "/etc/passwd", "."})
    void shouldLeaveNothingBehindWhenTheFileIsRefused(String path) throws IOException {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.writeString(directory.resolve("secret"), "secret");
        Path target = directory.resolve("got");
        try (SluiceServer server = FileShare.start(Endpoint.parse(TCP), shared, log::add)) {
            assertThatThrownBy(() -> FileDownload.download(server.endpoints().get(0), path, target))
                    .isInstanceOf(StreamRpcException.class)
                    .hasMessageContaining("no such file: " + path);
        }
        assertThat(directory).isDirectoryNotContaining("glob:**{got,part}*");
    }

    /** What a server sends that breaks off, or sends something else than it read. */
    @ParameterizedTest
    @CsvSource({
        "'', ended before all",
        "020803 616263, ended before all",
        "020803 616263 050d 00000000, is not what was sent"
    })
    void shouldLeaveNothingBehindWhenTheTransferIsBroken(String stream, String text) throws IOException {
        byte[] sent = HexFormat.of().parseHex(stream.replace(" ", ""));
        try (SluiceServer server = SluiceServer.builder()
                .listen(Endpoint.parse(TCP))
                .protocol(StreamRpc.serve(s -> s.addService(new Broken(sent))))
                .start()) {
            assertThatThrownBy(() -> FileDownload.download(server.endpoints().get(0), "file", directory.resolve("got")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(text);
        }
        assertThat(directory).isEmptyDirectory();
    }

    /** Sends what it is told to, and ends. */
    private static final class Broken extends FileServiceGrpc.FileServiceImplBase {
        private final byte[] sent;

        Broken(byte[] sent) {
            this.sent = sent;
        }

        @Override
        public void get(GetRequest request, StreamObserver<Empty> done) {
            try {
                StreamRpc.accept().outputStream().write(sent);
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    @Test
    void shouldReplaceWhatIsThereWhenItIsComplete() throws IOException {
        Files.createFile(directory.resolve("empty"));
        Path target = Files.writeString(directory.resolve("got"), "old");
        try (SluiceServer server = FileShare.start(Endpoint.parse(TCP), directory, log::add)) {
            FileDownload.download(server.endpoints().get(0), "empty", target);
        }
        assertThat(target).isEmptyFile();
    }
}
