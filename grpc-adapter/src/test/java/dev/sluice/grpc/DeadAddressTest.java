package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Channels to where no server of theirs is: what a call says. */
class DeadAddressTest extends GrpcFixture {
    private Status failureOf(Endpoint endpoint) {
        Status status = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(channel(endpoint), UNARY, CallOptions.DEFAULT, new byte[1]))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        return status;
    }

    static Stream<Endpoint> deadAddresses() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        return Stream.of(
                Endpoint.tcp("127.0.0.1", port),
                Endpoint.tcp("no-such-host.invalid", 1),
                Endpoint.unix(Path.of("/no/such/socket")),
                Endpoint.memory("nobody-listens-here"),
                Endpoint.tcp("127.0.0.1", port).with(Tls.client()));
    }

    @ParameterizedTest
    @MethodSource("deadAddresses")
    void shouldSayWhereNobodyListensAndWhy(Endpoint endpoint) {
        assertThat(failureOf(endpoint).getDescription())
                .startsWith("connect to " + endpoint.below())
                .hasSizeGreaterThan(("connect to " + endpoint + ": ").length());
    }

    @Test
    void shouldSayThatTheServerIsNotTrusted() throws Exception {
        SluiceServer server = start(listening(Wire.TLS), Grpc.serve(b -> b.addService(EchoService.definition())));
        Identity another = Identity.selfSigned("localhost");
        Endpoint endpoint = server.endpoints()
                .get(0)
                .with(Tls.clientBuilder().trust(Trust.of(another.certificate())).build());

        assertThat(failureOf(endpoint).getDescription())
                .startsWith("connect to " + endpoint)
                .contains("PKIX path");
    }
}
