package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
        assertThat(directory).isDirectoryNotContaining("glob:**got*");
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
