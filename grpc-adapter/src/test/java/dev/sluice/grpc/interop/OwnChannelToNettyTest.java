package dev.sluice.grpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.Trust;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.TestServiceGrpc;
import io.grpc.testing.integration.TestServiceImpl;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From our channel to the server that most Java programs have, over TLS, where that insists on ALPN. */
class OwnChannelToNettyTest {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(1);
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("localhost", 0))
                .sslContext(GrpcSslContexts.configure(
                                SslContextBuilder.forServer(IDENTITY.privateKey(), IDENTITY.certificate()))
                        .build())
                .addService(new TestServiceImpl(executor))
                .build()
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        executor.shutdownNow();
    }

    private int call(TlsClientBuilder tls) throws Exception {
        Endpoint endpoint = Endpoint.tcp("localhost", server.getPort())
                .with(tls.trust(Trust.of(IDENTITY.certificate())).build());
        ManagedChannel channel = Grpc.channel(endpoint);
        try {
            SimpleRequest request = SimpleRequest.newBuilder()
                    .setResponseSize(100_000)
                    .setPayload(Payload.newBuilder().setBody(ByteString.copyFrom(new byte[100_000])))
                    .build();
            return TestServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .unaryCall(request)
                    .getPayload()
                    .getBody()
                    .size();
        } finally {
            channel.shutdownNow();
            assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldOfferHttp2WhenNothingIsSet() throws Exception {
        assertThat(call(Tls.clientBuilder())).isEqualTo(100_000);
    }

    @Test
    void shouldOfferWhatTheOwnerHasSet() throws Exception {
        assertThat(call(Tls.clientBuilder().applicationProtocols("other", "h2")))
                .isEqualTo(100_000);
        assertThatThrownBy(() -> call(Tls.clientBuilder().applicationProtocols()))
                .isInstanceOf(StatusRuntimeException.class)
                .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }
}
