package dev.sluice.cli.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.interop.CallServiceGrpc;
import dev.sluice.proto.interop.SidechannelDigestRequest;
import dev.sluice.proto.interop.SidechannelEchoRequest;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is beside the calls. */
class CallServerTest {
    /** Of the three letters, as FIPS 180 gives it. */
    private static final String DIGEST_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3";

    private final SidechannelRegistry sidechannels = new SidechannelRegistry();
    private SluiceServer server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        server = SluiceServer.builder()
                .listen(Endpoint.memory(UUID.randomUUID().toString()))
                .protocol(Grpc.serve(b -> b.addService(new CallServer())))
                .protocol(Backchannel.serve(new PeerRegistry()))
                .start();
        channel = Grpc.channel(Backchannel.client(server.endpoints().get(0), () -> List.of(sidechannels)));
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    private CallServiceGrpc.CallServiceBlockingStub calls(SidechannelWaiter waiter) {
        return CallServiceGrpc.newBlockingStub(channel).withInterceptors(waiter);
    }

    /** Sends three letters and their end, and completes with what comes until the server's. */
    private SidechannelWaiter sendingAbc(CompletableFuture<String> received) {
        return sidechannels.register(stream -> {
            stream.write(ByteBuffer.wrap("abc".getBytes(US_ASCII)));
            stream.shutdownOutput();
            received.complete(new String(stream.inputStream().readAllBytes(), US_ASCII));
        });
    }

    @Test
    void shouldDigestWhatComesBesideTheCall() throws IOException {
        CompletableFuture<String> received = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sendingAbc(received)) {
            assertThat(calls(waiter)
                            .sidechannelDigest(SidechannelDigestRequest.getDefaultInstance())
                            .getDigest())
                    .isEqualTo(DIGEST_OF_ABC);
        }
        assertThat(received).isCompletedWithValue(DIGEST_OF_ABC);
    }

    @Test
    void shouldEchoWhatComesBesideTheCall() throws IOException {
        CompletableFuture<String> received = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sendingAbc(received)) {
            calls(waiter).sidechannelEcho(SidechannelEchoRequest.getDefaultInstance());
        }
        assertThat(received).isCompletedWithValue("abc");
    }

    @Test
    void shouldSayWhyThereIsNothingBesideTheCall() {
        assertThatThrownBy(() -> CallServiceGrpc.newBlockingStub(channel)
                        .sidechannelEcho(SidechannelEchoRequest.getDefaultInstance()))
                .hasMessage("FAILED_PRECONDITION: sidechannel: sidechannel-id not found in incoming metadata");
    }

    @Test
    void shouldFailTheCallWhenTheClientLeavesWithoutAnEnd() throws IOException {
        try (SidechannelWaiter waiter = sidechannels.register(stream -> stream.write(ByteBuffer.allocate(1)))) {
            assertThatThrownBy(() -> calls(waiter).sidechannelDigest(SidechannelDigestRequest.getDefaultInstance()))
                    .hasMessageStartingWith("UNAVAILABLE: ");
        }
    }
}
