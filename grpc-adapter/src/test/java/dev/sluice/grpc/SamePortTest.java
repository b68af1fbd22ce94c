package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC beside StreamRPC, and clients that speak neither. */
class SamePortTest extends GrpcFixture {
    /** An empty SETTINGS frame, then GOAWAY with PROTOCOL_ERROR. */
    private static final String REFUSAL = "000000040000000000" + "0000080700000000000000000000000001";

    private static final class Hello extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            try {
                StreamRpc.accept().outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    private SluiceServer startBoth(Wire wire) throws IOException {
        return start(
                listening(wire),
                Grpc.serve(b -> b.addService(EchoService.definition())),
                StreamRpc.serve(s -> s.addService(new Hello())));
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeGrpcAndStreamRpc(Wire wire) throws Exception {
        Endpoint endpoint = reaching(wire, startBoth(wire));
        var channel = channel(endpoint);
        try (StreamRpcClient client =
                StreamRpcClient.builder(endpoint).group(group).build()) {
            for (byte i = 0; i < 3; i++) {
                byte[] request = {i};
                assertThat(ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request))
                        .isEqualTo(request);
                try (ByteStream stream = client.call(
                        TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance())) {
                    assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo("hello");
                }
            }
        }
    }

    private byte[] answerTo(byte[] bytes) throws Exception {
        SluiceServer server = startBoth(Wire.TCP);
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), server.endpoints().get(0).port())) {
            socket.setSoTimeout(10_000);
            OutputStream output = socket.getOutputStream();
            output.write(bytes);
            return socket.getInputStream().readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n",
                "streamrpc99 and more"
            })
    void shouldRefuseWhatIsNotHttp2(String text) throws Exception {
        assertThat(answerTo(text.getBytes(StandardCharsets.US_ASCII)))
                .asHexString()
                .isEqualToIgnoringCase(REFUSAL);
    }

    @Test
    void shouldRefuseAFirstFrameOtherThanSettings() throws Exception {
        byte[] ping = HexFormat.of()
                .parseHex(
                        HexFormat.of().formatHex("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                                + "0000080600000000000000000000000000");
        assertThat(answerTo(ping)).asHexString().isEqualToIgnoringCase(REFUSAL);
    }
}
