package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutResult;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each end against another that lies, stops in the middle, or goes away. */
class BrokenTransferTest {
    private static final byte[] CONTENT = new byte[100_000];
    private static final Identity IDENTITY = Identity.selfSigned("localhost");
    private static final Tls SERVER = Tls.server(IDENTITY);
    private static final Tls CLIENT = Tls.clientBuilder()
            .trust(Trust.of(IDENTITY.certificate()))
            .serverName("localhost")
            .build();

    @TempDir
    static Path sockets;

    @TempDir
    Path directory;

    static Stream<Endpoint> wires() {
        return Stream.of(
                Endpoint.tcp("127.0.0.1", 0),
                Endpoint.unix(sockets.resolve("s")),
                Endpoint.memory("BrokenTransferTest"),
                Endpoint.tcp("127.0.0.1", 0).with(SERVER),
                Endpoint.unix(sockets.resolve("s-tls")).with(SERVER));
    }

    /** Returns where the server is, with the client's side of TLS if there is one. */
    private static Endpoint addressOf(SluiceServer server) {
        Endpoint endpoint = server.endpoints().get(0);
        return endpoint.scheme().startsWith("tls") ? endpoint.with(CLIENT) : endpoint;
    }

    private interface Script {
        void run(ByteStream stream) throws IOException;
    }

    /** A server that does on each stream what a test says. */
    private record Scripted(Script script) {
        BindableService service() {
            return new FileServiceGrpc.FileServiceImplBase() {
                @Override
                public void get(GetRequest request, StreamObserver<Empty> done) {
                    play(done);
                }

                @Override
                public void put(PutRequest request, StreamObserver<Empty> done) {
                    play(done);
                }
            };
        }

        private void play(StreamObserver<Empty> done) {
            try {
                script.run(StreamRpc.accept());
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    private static SluiceServer serve(Endpoint wire, BindableService service) throws IOException {
        return SluiceServer.builder()
                .listen(wire)
                .protocol(StreamRpc.serve(s -> s.addService(service)))
                .start();
    }

    private void assertGetFails(Endpoint wire, Script script, Reason reason, String text) throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "old");
        try (SluiceServer server = serve(wire, new Scripted(script).service());
                StreamRpcClient calls =
                        StreamRpcClient.builder(addressOf(server)).build();
                FileClient client = new FileClient(calls)) {
            assertThatThrownBy(() -> client.get("x", target, Progress.NONE))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(reason))
                    .hasMessageContaining(text);
        }
        assertThat(target).hasContent("old");
        assertOnlyHolds(directory, "target");
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldKeepNothingOfAGetWhenTheChecksumDiffers(Endpoint wire) throws IOException {
        assertGetFails(
                wire,
                stream -> {
                    OutputStream out = stream.outputStream();
                    GetHeader.newBuilder().setSize(CONTENT.length).build().writeDelimitedTo(out);
                    out.write(CONTENT);
                    GetTrailer.newBuilder().setCrc32C(1).build().writeDelimitedTo(out);
                },
                Reason.PROTOCOL_ERROR,
                "damaged on the way");
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldKeepNothingOfAGetWhenTheServerStopsInTheMiddle(Endpoint wire) throws IOException {
        assertGetFails(
                wire,
                stream -> {
                    OutputStream out = stream.outputStream();
                    GetHeader.newBuilder().setSize(CONTENT.length + 1).build().writeDelimitedTo(out);
                    out.write(CONTENT);
                },
                Reason.TRUNCATED,
                "before the last 1 of 100001 bytes");
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldKeepNothingOfAGetWhenTheTrailerIsMissing(Endpoint wire) throws IOException {
        assertGetFails(
                wire,
                stream -> {
                    OutputStream out = stream.outputStream();
                    GetHeader.newBuilder().setSize(CONTENT.length).build().writeDelimitedTo(out);
                    out.write(CONTENT);
                },
                Reason.TRUNCATED,
                "before the trailer");
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongBeforeItComes() throws IOException {
        assertGetFails(
                Endpoint.tcp("127.0.0.1", 0),
                stream -> {
                    stream.outputStream().write(HexFormat.of().parseHex("818004"));
                    while (stream.read(ByteBuffer.allocate(1)) >= 0) {} // the client need not wait for more
                },
                Reason.PROTOCOL_ERROR,
                "more than 65536 bytes");
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldSayWhatTheServerSaidWhenItFailsInTheMiddleOfAPut(Endpoint wire) throws IOException {
        Path source = directory.resolve("source");
        Files.write(source, new byte[30 << 20]);
        Script diskFull = stream -> {
            stream.inputStream().readNBytes(1000);
            write(stream, PutResult.newBuilder().setError("the disk is full").build());
            stream.inputStream().transferTo(OutputStream.nullOutputStream());
        };
        try (SluiceServer server = serve(wire, new Scripted(diskFull).service());
                StreamRpcClient calls =
                        StreamRpcClient.builder(addressOf(server)).build();
                FileClient client = new FileClient(calls)) {
            assertThatThrownBy(() -> client.put(source, "x", true, Progress.NONE))
                    .isInstanceOf(TransportException.class)
                    .hasMessage("the disk is full");
        }
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldNotTakeAPutForStoredWhenTheServerGoesWithoutAResult(Endpoint wire) throws IOException {
        Path source = Files.write(directory.resolve("source"), CONTENT);
        Script silent = stream -> stream.inputStream().readNBytes(CONTENT.length + 6);
        try (SluiceServer server = serve(wire, new Scripted(silent).service());
                StreamRpcClient calls =
                        StreamRpcClient.builder(addressOf(server)).build();
                FileClient client = new FileClient(calls)) {
            assertThatThrownBy(() -> client.put(source, "x", true, Progress.NONE))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("may or may not be stored");
        }
    }

    @Test
    void shouldNotBelieveAServerThatHasTheFileBeforeItWasSent() throws IOException {
        Path source = Files.write(directory.resolve("source"), new byte[60 << 20]);
        Script hasty = stream -> {
            write(stream, PutResult.newBuilder().setSize(60 << 20).setCrc32C(0).build());
            stream.inputStream().transferTo(OutputStream.nullOutputStream());
        };
        try (SluiceServer server = serve(Endpoint.tcp("127.0.0.1", 0), new Scripted(hasty).service());
                StreamRpcClient calls =
                        StreamRpcClient.builder(addressOf(server)).build();
                FileClient client = new FileClient(calls)) {
            assertThatThrownBy(() -> client.put(source, "x", true, Progress.NONE))
                    .isInstanceOf(TransportException.class);
        }
    }

    private static void write(ByteStream stream, MessageLite message) throws IOException {
        message.writeDelimitedTo(stream.outputStream());
    }

    // ---------------------------------------------------------------- clients that misbehave

    private interface ClientScript {
        void run(ByteStream stream) throws IOException;
    }

    private void putBadly(Endpoint wire, long size, ClientScript script) throws IOException {
        PutRequest request = PutRequest.newBuilder().setPath("x").setSize(size).build();
        try (FileServer files = FileServer.of(FileRoot.of(directory));
                SluiceServer server = serve(wire, files);
                StreamRpcClient calls =
                        StreamRpcClient.builder(addressOf(server)).build();
                ByteStream stream = calls.call(FileServiceGrpc.getPutMethod(), request)) {
            script.run(stream);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldStoreNothingWhenTheChecksumOfAPutDiffers(Endpoint wire) throws IOException {
        putBadly(wire, CONTENT.length, stream -> {
            stream.outputStream().write(CONTENT);
            write(stream, PutTrailer.newBuilder().setCrc32C(1).build());
            assertThat(PutResult.parseDelimitedFrom(stream.inputStream()).getError())
                    .contains("damaged on the way");
            assertThat(directory).isEmptyDirectory();
        });
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldStoreNothingWhenThePutTrailerHasNoChecksum(Endpoint wire) throws IOException {
        putBadly(wire, 0, stream -> {
            write(stream, PutTrailer.getDefaultInstance());
            assertThat(PutResult.parseDelimitedFrom(stream.inputStream()).getError())
                    .contains("no checksum");
        });
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldRemoveTheTemporaryFileWhenTheClientEndsInTheMiddle(Endpoint wire) throws IOException {
        putBadly(wire, CONTENT.length + 1, stream -> {
            stream.outputStream().write(CONTENT);
            await().until(() -> holdsAPart(directory));
            stream.close();
            await().until(() -> !holdsAPart(directory));
        });
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldRemoveTheTemporaryFileWhenTheClientIsCutOff(Endpoint wire) throws IOException {
        putBadly(wire, CONTENT.length + 1, stream -> {
            stream.outputStream().write(CONTENT);
            await().until(() -> holdsAPart(directory));
            stream.abort();
            await().until(() -> !holdsAPart(directory));
        });
    }

    @Test
    void shouldRemoveTheTemporaryFileWhenTheServerIsStopped() throws IOException {
        PutRequest request = PutRequest.newBuilder().setPath("x").setSize(10).build();
        FileServer files = FileServer.of(FileRoot.of(directory));
        SluiceServer server = serve(Endpoint.tcp("127.0.0.1", 0), files);
        try (StreamRpcClient calls = StreamRpcClient.builder(addressOf(server)).build();
                ByteStream stream = calls.call(FileServiceGrpc.getPutMethod(), request)) {
            await().until(() -> holdsAPart(directory));
            assertThat(stream.isOpen()).isTrue();

            server.stop(Duration.ZERO);
            files.close();

            assertThat(directory).isEmptyDirectory();
        }
    }

    private static boolean holdsAPart(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(".part"));
        }
    }

    private static void assertOnlyHolds(Path directory, String name) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve(name));
        }
    }
}
