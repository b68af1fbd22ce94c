package dev.sluice.grpc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that mean a method only to those who read them generously. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class PathTest extends GrpcFixture {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "test.grpc.Test/Unary",
                "//test.grpc.Test/Unary",
                "/test.grpc.Test//Unary",
                "/./test.grpc.Test/Unary",
                "/test.grpc.Test/Unary/",
                "/test.grpc.Test/Unary?a=b",
                "/test.grpc.Test/%55nary",
                "/Test.grpc.Test/Unary",
                "*"
            })
    void shouldAnswerUnimplementedBeforeAnyInterceptor(String path) throws IOException {
        AtomicInteger calls = new AtomicInteger();
        SluiceServer server = start(
                listening(Wire.TCP),
                serve(b -> b.addService(EchoService.definition()).intercept(counting(calls))));
        try (FrameClient client = new FrameClient(server)) {
            client.call(1, path);
            FrameClient.Frame answer = client.read(FrameClient.HEADERS);
            assertThat(new String(answer.payload(), ISO_8859_1))
                    .contains("grpc-status")
                    .contains("12");
            client.call(3, "/" + UNARY.getFullMethodName());
            client.frame(FrameClient.DATA, FrameClient.END_STREAM, 3, new byte[5]);
            while (client.read(FrameClient.HEADERS).stream() != 3) {
                // The rest of the refusal.
            }
        }
        assertThat(calls).hasValue(1);
    }

    private static ServerInterceptor counting(AtomicInteger calls) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                calls.incrementAndGet();
                return next.startCall(call, headers);
            }
        };
    }
}
