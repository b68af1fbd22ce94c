package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.grpc.Sidechannel;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.grpc.UnusedSidechannelException;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.tests.contract.Payload;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sidechannels with Go at the other end, in both roles. The methods are those of the peers' README. */
class SidechannelGoIT {
    private static final byte[] PAYLOAD = new Payload(1, 10_000_000).bytes();

    @TempDir
    private Path folder;

    private final SidechannelRegistry sidechannels = new SidechannelRegistry();

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)) + " " + bytes.length;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    // ---------------------------------------------------------------- Go serves

    @ParameterizedTest
    @EnumSource
    void shouldCallGoServer(Wire wire) throws Exception {
        try (GoPeer server =
                GoPeers.start("serve", "-listen", wire.endpoint(folder).toString())) {
            ManagedChannel channel = Grpc.channel(Backchannel.client(server.endpoint(), () -> List.of(sidechannels)));
            try {
                shouldBeDigested(channel, PAYLOAD);
                shouldBeDigested(channel, new byte[0]);
                shouldBeEchoed(channel, PAYLOAD);
                shouldBeUnused(channel);
                shouldGetTheError(channel);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static <Q, R> R call(Channel channel, SidechannelWaiter waiter, MethodDescriptor<Q, R> method, Q request) {
        return ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(channel, waiter), method, CallOptions.DEFAULT, request);
    }

    private void shouldBeDigested(Channel channel, byte[] payload) throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            stream.write(ByteBuffer.wrap(payload));
            stream.shutdownOutput();
            told.complete(new String(stream.inputStream().readAllBytes(), StandardCharsets.US_ASCII));
        })) {
            assertThat(call(channel, waiter, InteropMethods.SIDECHANNEL_DIGEST, Empty.getDefaultInstance())
                            .getValue())
                    .isEqualTo(digest(payload));
        }
        assertThat(told).isCompletedWithValue(digest(payload));
    }

    private void shouldBeEchoed(Channel channel, byte[] payload) throws Exception {
        CompletableFuture<byte[]> echoed = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(
                    () -> {
                        try {
                            stream.write(ByteBuffer.wrap(payload));
                            stream.shutdownOutput();
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    task -> new Thread(task, "sending").start());
            echoed.complete(stream.inputStream().readAllBytes());
            sent.join();
        })) {
            call(channel, waiter, InteropMethods.SIDECHANNEL_ECHO, Empty.getDefaultInstance());
        }
        assertThat(echoed.join()).isEqualTo(payload);
    }

    private void shouldBeUnused(Channel channel) {
        SidechannelWaiter waiter = sidechannels.register(stream -> {});
        call(channel, waiter, InteropMethods.SIDECHANNEL_UNUSED, Empty.getDefaultInstance());
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
    }

    private void shouldGetTheError(Channel channel) throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sidechannels.register(
                stream -> read.complete(stream.inputStream().readAllBytes()))) {
            assertThatThrownBy(
                            () -> call(channel, waiter, InteropMethods.SIDECHANNEL_FAIL, StringValue.of("not today")))
                    .hasMessage("ABORTED: not today");
        }
        assertThat(read.join()).isEmpty();
    }

    // ---------------------------------------------------------------- Go calls

    @ParameterizedTest
    @EnumSource
    void shouldServeGoClient(Wire wire) throws Exception {
        try (SluiceServer server = SluiceServer.builder()
                        .listen(wire.endpoint(folder))
                        .protocol(Grpc.serve(b -> b.addService(service())))
                        .protocol(Backchannel.serve(new PeerRegistry()))
                        .start();
                GoPeer client = GoPeers.start(
                        "call",
                        "-dial",
                        server.endpoints().get(0).toString(),
                        "sidechannel-digest 0",
                        "sidechannel-digest 10000000",
                        "sidechannel-echo 10000000",
                        "sidechannel-unused",
                        "sidechannel-fail not today")) {
            List<Map<String, String>> findings = client.findings();

            assertThat(findings).hasSize(5);
            assertThat(findings.get(3))
                    .containsEntry("waiter", "sidechannel: callback de-registered without having run");
            assertThat(findings.get(4)).containsEntry("code", "Aborted").containsEntry("text", "not today");
        }
    }

    private static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(InteropMethods.CALL_SERVICE)
                .addMethod(InteropMethods.SIDECHANNEL_DIGEST, answering(request -> {
                    try (ByteStream stream = Sidechannel.open()) {
                        String digest = digest(stream.inputStream().readAllBytes());
                        stream.outputStream().write(digest.getBytes(StandardCharsets.US_ASCII));
                        return StringValue.of(digest);
                    }
                }))
                .addMethod(InteropMethods.SIDECHANNEL_ECHO, answering(request -> {
                    try (ByteStream stream = Sidechannel.open()) {
                        stream.transferTo(stream, Long.MAX_VALUE);
                    }
                    return Empty.getDefaultInstance();
                }))
                .addMethod(InteropMethods.SIDECHANNEL_UNUSED, answering(request -> Empty.getDefaultInstance()))
                .addMethod(InteropMethods.SIDECHANNEL_FAIL, answering(request -> {
                    Sidechannel.open().close();
                    throw Status.ABORTED.withDescription(request.getValue()).asRuntimeException();
                }))
                .build();
    }

    /** What a method answers. */
    @FunctionalInterface
    private interface Answer<Q, R> {
        R to(Q request) throws IOException;
    }

    private static <Q, R> ServerCallHandler<Q, R> answering(Answer<Q, R> answer) {
        return ServerCalls.asyncUnaryCall((Q request, StreamObserver<R> done) -> {
            try {
                done.onNext(answer.to(request));
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        });
    }
}
