package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.FileMessageServiceGrpc;
import dev.sluice.proto.files.v1.GetFileRequest;
import dev.sluice.proto.files.v1.GetFileResponse;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutFileRequest;
import dev.sluice.proto.files.v1.PutFileResponse;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.stream.BlockingCall;
import dev.sluice.proto.stream.BlockingMethods;
import dev.sluice.proto.stream.BlockingMethods.ClientStreaming;
import dev.sluice.proto.stream.BlockingMethods.ServerStreaming;
import dev.sluice.proto.stream.MessageStreamException;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each end of the file messages against another that lies, stops in the middle, or goes away. */
class BrokenMessagesTest {
    private static final byte[] CONTENT = new byte[100_000];
    private static final int CRC32C = crc32c(CONTENT);
    private static final int LARGE_BYTES = 64 << 20;
    /** Far above what windows and queues hold between two ends, and far below the file. */
    private static final long BOUND_BYTES = 8 << 20;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static int crc32c(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    private static GetFileResponse header(long size) {
        return GetFileResponse.newBuilder()
                .setHeader(GetHeader.newBuilder().setSize(size))
                .build();
    }

    private static GetFileResponse data(byte[] bytes) {
        return GetFileResponse.newBuilder().setData(ByteString.copyFrom(bytes)).build();
    }

    private static GetFileResponse trailer(int crc32c) {
        return GetFileResponse.newBuilder()
                .setTrailer(GetTrailer.newBuilder().setCrc32C(crc32c))
                .build();
    }

    private static PutFileRequest putHeader(long size) {
        return PutFileRequest.newBuilder()
                .setHeader(PutRequest.newBuilder().setPath("x").setSize(size))
                .build();
    }

    private static PutFileRequest putData(byte[] bytes) {
        return PutFileRequest.newBuilder().setData(ByteString.copyFrom(bytes)).build();
    }

    private static PutFileRequest putTrailer(int crc32c) {
        return PutFileRequest.newBuilder()
                .setTrailer(PutTrailer.newBuilder().setCrc32C(crc32c))
                .build();
    }

    private static SluiceServer serve(BindableService service) throws IOException {
        return SluiceServer.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .protocol(Grpc.serve(b -> b.addService(service)))
                .start();
    }

    // ---------------------------------------------------------------- servers that misbehave

    private BindableService getting(ServerStreaming<GetFileResponse> script) {
        BlockingMethods methods = new BlockingMethods(threads);
        return new FileMessageServiceGrpc.FileMessageServiceImplBase() {
            @Override
            public void getFile(GetFileRequest request, StreamObserver<GetFileResponse> responses) {
                methods.serverStreaming(responses, script);
            }
        };
    }

    private BindableService putting(ClientStreaming<PutFileRequest, PutFileResponse> script) {
        BlockingMethods methods = new BlockingMethods(threads);
        return new FileMessageServiceGrpc.FileMessageServiceImplBase() {
            @Override
            public StreamObserver<PutFileRequest> putFile(StreamObserver<PutFileResponse> response) {
                return methods.clientStreaming(response, script);
            }
        };
    }

    static Stream<BrokenGet> brokenGets() {
        return Stream.of(
                new BrokenGet(
                        "another checksum", List.of(header(CONTENT.length), data(CONTENT), trailer(1)), "damaged"),
                new BrokenGet("no trailer", List.of(header(CONTENT.length), data(CONTENT)), "no trailer"),
                new BrokenGet(
                        "a trailer without a checksum",
                        List.of(
                                header(0),
                                GetFileResponse.newBuilder()
                                        .setTrailer(GetTrailer.getDefaultInstance())
                                        .build()),
                        "no trailer with the checksum"),
                new BrokenGet(
                        "too little",
                        List.of(header(CONTENT.length + 1), data(CONTENT), trailer(CRC32C)),
                        "100000 of the 100001 bytes that were announced"),
                new BrokenGet(
                        "too much",
                        List.of(header(CONTENT.length - 1), data(CONTENT), trailer(CRC32C)),
                        "more than the 99999 bytes"),
                new BrokenGet("nothing", List.of(), "the stream ended before the header"),
                new BrokenGet("a header only", List.of(header(0)), "no trailer"),
                new BrokenGet("data first", List.of(data(CONTENT), trailer(CRC32C)), "data before the header"),
                new BrokenGet("two headers", List.of(header(0), header(0), trailer(0)), "a second header"),
                new BrokenGet("data behind the trailer", List.of(header(0), trailer(0), data(CONTENT)), "data after"),
                new BrokenGet("an empty message", List.of(GetFileResponse.getDefaultInstance()), "neither header"));
    }

    private record BrokenGet(String what, List<GetFileResponse> messages, String text) {
        @Override
        public String toString() {
            return what;
        }
    }

    private void assertGetFails(ServerStreaming<GetFileResponse> script, Reason reason, String text)
            throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "old");
        try (SluiceServer server = serve(getting(script))) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            try {
                assertThatThrownBy(() -> new GrpcFileClient(channel).get("x", target, Progress.NONE))
                        .isInstanceOfSatisfying(
                                TransportException.class,
                                e -> assertThat(e.reason()).isEqualTo(reason))
                        .hasMessageContaining(text);
            } finally {
                channel.shutdownNow();
            }
        }
        assertThat(target).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(file -> !file.equals(target));
    }

    @ParameterizedTest
    @MethodSource("brokenGets")
    void shouldKeepNothingOfAGetThatIsNotAFile(BrokenGet broken) throws IOException {
        assertGetFails(
                sender -> {
                    for (GetFileResponse message : broken.messages()) {
                        sender.send(message);
                    }
                },
                Reason.PROTOCOL_ERROR,
                broken.text());
    }

    @Test
    void shouldKeepNothingOfAGetThatTheServerCannotGoOnWith() throws IOException {
        assertGetFails(
                sender -> {
                    sender.send(header(CONTENT.length));
                    sender.send(data(CONTENT));
                    throw Status.INTERNAL.withDescription("the disk is gone").asException();
                },
                Reason.IO_ERROR,
                "the disk is gone");
    }

    @Test
    void shouldKeepNothingOfAGetWhoseServerGoes() throws Exception {
        Path target = directory.resolve("target");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        SluiceServer server = serve(getting(sender -> {
            sender.send(header(CONTENT.length + 1));
            sender.send(data(CONTENT));
            begun.countDown();
            awaitQuietly(never);
        }));
        ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
        threads.execute(() -> {
            awaitQuietly(begun);
            server.stop(Duration.ZERO);
        });
        assertThatThrownBy(() -> new GrpcFileClient(channel).get("x", target, Progress.NONE))
                .isInstanceOf(TransportException.class);
        channel.shutdownNow();
        never.countDown();

        assertThat(directory).isEmptyDirectory();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldStopSendingWhenTheServerFailsInTheMiddleOfAPut() throws IOException {
        Path source = Files.write(directory.resolve("source"), new byte[LARGE_BYTES]);
        AtomicLong sent = new AtomicLong();
        try (SluiceServer server = serve(putting((requests, sender) -> {
            requests.next();
            throw Status.INTERNAL.withDescription("the disk is full").asException();
        }))) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            assertThatThrownBy(
                            () -> new GrpcFileClient(channel).put(source, "x", true, (done, total) -> sent.set(done)))
                    .isInstanceOf(TransportException.class)
                    .hasMessage("the disk is full");
            channel.shutdownNow();
        }
        assertThat(sent.get()).isLessThan(LARGE_BYTES);
    }

    @Test
    void shouldNotBelieveAServerThatHasTheFileBeforeItWasSent() throws IOException {
        Path source = Files.write(directory.resolve("source"), new byte[LARGE_BYTES]);
        try (SluiceServer server = serve(putting((requests, sender) -> {
            requests.next();
            sender.send(PutFileResponse.newBuilder().setSize(LARGE_BYTES).build());
        }))) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            assertThatThrownBy(() -> new GrpcFileClient(channel).put(source, "x", true, Progress.NONE))
                    .isInstanceOf(IOException.class);
            channel.shutdownNow();
        }
    }

    @Test
    void shouldHoldAPutBackWhileTheServerDoesNotRead() throws Exception {
        Path source = Files.write(directory.resolve("source"), new byte[LARGE_BYTES]);
        CountDownLatch read = new CountDownLatch(1);
        AtomicLong sent = new AtomicLong();
        try (SluiceServer server = serve(putting((requests, sender) -> {
            awaitQuietly(read);
            throw Status.INTERNAL.asException();
        }))) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            Thread putting = new Thread(() -> assertThatThrownBy(
                    () -> new GrpcFileClient(channel).put(source, "x", true, (done, total) -> sent.set(done))));
            putting.start();
            await().until(() -> putting.getState() == Thread.State.TIMED_WAITING && sent.get() > 0);
            assertThat(sent.get()).isLessThan(BOUND_BYTES);

            read.countDown();
            putting.join();
            assertThat(sent.get()).isLessThan(BOUND_BYTES);
            channel.shutdownNow();
        }
    }

    // ---------------------------------------------------------------- clients that misbehave

    private interface ClientScript {
        void run(BlockingCall<PutFileRequest, PutFileResponse> call) throws IOException;
    }

    private void putBadly(ClientScript script) throws IOException {
        try (FileServer files = FileServer.of(FileRoot.of(directory));
                SluiceServer server = SluiceServer.builder()
                        .listen(Endpoint.tcp("127.0.0.1", 0))
                        .protocol(Grpc.serve(b -> files.overGrpc().forEach(b::addService)))
                        .start()) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            try (BlockingCall<PutFileRequest, PutFileResponse> call =
                    BlockingCall.start(FileMessageServiceGrpc.newStub(channel)::putFile)) {
                script.run(call);
            } finally {
                channel.shutdownNow();
            }
        }
        assertThat(directory).isEmptyDirectory();
    }

    static Stream<BrokenPut> brokenPuts() {
        return Stream.of(
                new BrokenPut(
                        "another checksum",
                        List.of(putHeader(CONTENT.length), putData(CONTENT), putTrailer(1)),
                        Status.Code.DATA_LOSS,
                        "damaged on the way"),
                new BrokenPut(
                        "no trailer",
                        List.of(putHeader(CONTENT.length), putData(CONTENT)),
                        Status.Code.INVALID_ARGUMENT,
                        "no trailer with the checksum"),
                new BrokenPut(
                        "too little",
                        List.of(putHeader(CONTENT.length + 1), putData(CONTENT), putTrailer(CRC32C)),
                        Status.Code.INVALID_ARGUMENT,
                        "100000 of the 100001 bytes"),
                new BrokenPut(
                        "too much",
                        List.of(putHeader(CONTENT.length - 1), putData(CONTENT), putTrailer(CRC32C)),
                        Status.Code.INVALID_ARGUMENT,
                        "more than the 99999 bytes"),
                new BrokenPut("nothing", List.of(), Status.Code.INVALID_ARGUMENT, "ended before the header"),
                new BrokenPut("data first", List.of(putData(CONTENT)), Status.Code.INVALID_ARGUMENT, "data before"),
                new BrokenPut(
                        "two headers",
                        List.of(putHeader(0), putHeader(0), putTrailer(0)),
                        Status.Code.INVALID_ARGUMENT,
                        "a second header"),
                new BrokenPut(
                        "another root",
                        List.of(PutFileRequest.newBuilder()
                                .setHeader(PutRequest.newBuilder().setStorageName("other"))
                                .build()),
                        Status.Code.NOT_FOUND,
                        "no such root: 'other'"),
                new BrokenPut(
                        "more than fits",
                        List.of(putHeader(Long.MIN_VALUE)),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "9223372036854775808"));
    }

    private record BrokenPut(String what, List<PutFileRequest> messages, Status.Code code, String text) {
        @Override
        public String toString() {
            return what;
        }
    }

    @ParameterizedTest
    @MethodSource("brokenPuts")
    void shouldStoreNothingWhenAPutIsNotAFile(BrokenPut broken) throws IOException {
        putBadly(call -> assertThatThrownBy(() -> {
                    for (PutFileRequest message : broken.messages()) {
                        call.requests().send(message);
                    }
                    call.response();
                })
                .isInstanceOfSatisfying(MessageStreamException.class, e -> {
                    assertThat(e.status().getCode()).isEqualTo(broken.code());
                    assertThat(e.status().getDescription()).contains(broken.text());
                    assertThat(directory).as("before the client hears of it").isEmptyDirectory();
                }));
    }

    @Test
    void shouldRemoveTheTemporaryFileWhenTheClientGoes() throws IOException {
        putBadly(call -> {
            call.requests().send(putHeader(CONTENT.length + 1));
            call.requests().send(putData(CONTENT));
            await().until(() -> !isEmpty(directory));
            call.close();
            await().until(() -> isEmpty(directory));
        });
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    @Test
    void shouldFreeTheThreadOfAGetWhenTheClientGoes() throws Exception {
        CountDownLatch freed = new CountDownLatch(1);
        try (SluiceServer server = serve(getting(sender -> {
            try {
                while (true) {
                    sender.send(data(CONTENT));
                }
            } finally {
                freed.countDown();
            }
        }))) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            GetFileRequest request = GetFileRequest.getDefaultInstance();
            try (BlockingCall<GetFileRequest, GetFileResponse> call = BlockingCall.start(
                    responses -> FileMessageServiceGrpc.newStub(channel).getFile(request, responses))) {
                assertThat(call.responses().next()).contains(data(CONTENT));
            }

            await().until(() -> freed.getCount() == 0);
            channel.shutdownNow();
        }
    }

    @Test
    void shouldNotStoreAFileThatWasSentAndThenCancelled() throws IOException {
        putBadly(call -> {
            call.requests().send(putHeader(CONTENT.length));
            call.requests().send(putData(CONTENT));
            call.requests().send(putTrailer(CRC32C));
            await().until(() -> !isEmpty(directory));
            call.close(); // without the end of the requests
            await().until(() -> isEmpty(directory));
        });
    }

    @Test
    void shouldHoldAGetBackWhileTheClientDoesNotRead() throws Exception {
        Files.write(directory.resolve("large"), new byte[LARGE_BYTES]);
        Outgoing outgoing = new Outgoing();
        try (FileServer files = FileServer.of(FileRoot.of(directory));
                SluiceServer server = SluiceServer.builder()
                        .listen(Endpoint.tcp("127.0.0.1", 0))
                        .protocol(Grpc.serve(b -> {
                            files.overGrpc().forEach(b::addService);
                            b.intercept(outgoing);
                        }))
                        .start()) {
            ManagedChannel channel = Grpc.channel(server.endpoints().get(0));
            GetFileRequest request =
                    GetFileRequest.newBuilder().setPath("large").build();
            try (BlockingCall<GetFileRequest, GetFileResponse> call = BlockingCall.start(
                    responses -> FileMessageServiceGrpc.newStub(channel).getFile(request, responses))) {
                call.responses().next();
                await().until(outgoing::standsStill);
                assertThat(outgoing.bytes.get()).isPositive().isLessThan(BOUND_BYTES);

                long received = 0;
                for (Optional<GetFileResponse> next = call.responses().next();
                        next.isPresent();
                        next = call.responses().next()) {
                    received += next.get().getData().size();
                }
                assertThat(received).isEqualTo(LARGE_BYTES);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Watches what a server gives to gRPC. */
    private static final class Outgoing implements ServerInterceptor {
        final AtomicLong bytes = new AtomicLong();
        private volatile boolean full;
        private long before;

        /** Returns whether there is no room, and nothing was sent since this was asked before. */
        boolean standsStill() {
            long now = bytes.get();
            boolean same = now == before;
            before = now;
            return same && full;
        }

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return next.startCall(
                    new SimpleForwardingServerCall<>(call) {
                        @Override
                        public boolean isReady() {
                            boolean ready = super.isReady();
                            full = !ready;
                            return ready;
                        }

                        @Override
                        public void sendMessage(R message) {
                            bytes.addAndGet(((MessageLite) message).getSerializedSize());
                            super.sendMessage(message);
                        }
                    },
                    headers);
        }
    }
}
