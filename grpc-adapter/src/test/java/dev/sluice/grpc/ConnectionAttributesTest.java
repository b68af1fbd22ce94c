package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.ClientCalls;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What calls and credentials are told of their connection. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class ConnectionAttributesTest extends GrpcFixture {
    private final CompletableFuture<ServerCall<?, ?>> seen = new CompletableFuture<>();

    private Attributes ofACall(Wire wire, CallOptions options) throws Exception {
        SluiceServer server = start(
                listening(wire),
                serve(b -> b.addService(EchoService.definition()).intercept(new Seeing())));
        ClientCalls.blockingUnaryCall(channel(reaching(wire, server)), UNARY, options, new byte[1]);
        return seen.get(10, TimeUnit.SECONDS).getAttributes();
    }

    private final class Seeing implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            seen.complete(call);
            return next.startCall(call, headers);
        }
    }

    @Test
    void shouldTellTcpAddresses() throws Exception {
        Attributes attributes = ofACall(Wire.TCP, CallOptions.DEFAULT);
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
                .isInstanceOfSatisfying(InetSocketAddress.class, address -> {
                    assertThat(address.getAddress().isLoopbackAddress()).isTrue();
                    assertThat(address.getPort()).isPositive();
                });
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)).isInstanceOf(InetSocketAddress.class);
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)).isNull();
        assertThat(seen.get().getSecurityLevel()).isEqualTo(SecurityLevel.NONE);
    }

    @Test
    void shouldTellUnixAddresses() throws Exception {
        Attributes attributes = ofACall(Wire.UNIX, CallOptions.DEFAULT);
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR))
                .isEqualTo(UnixDomainSocketAddress.of(folder.resolve("s")));
        assertThat(attributes.get(dev.sluice.grpc.Grpc.CONNECTION).peerCredentials())
                .isPresent();
    }

    @Test
    void shouldTellTheEndpointOfOtherTransports() throws Exception {
        Attributes attributes = ofACall(Wire.MEMORY, CallOptions.DEFAULT);
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)).hasToString("memory:grpc-test");
        assertThat(attributes.get(dev.sluice.grpc.Grpc.CONNECTION).localEndpoint())
                .isEqualTo(Endpoint.memory("grpc-test"));
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS", "TLS_OVER_UNIX"})
    void shouldTellTheTlsSession(Wire wire) throws Exception {
        Attributes attributes = ofACall(wire, CallOptions.DEFAULT);
        assertThat(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION).getProtocol())
                .isEqualTo("TLSv1.3");
        assertThat(seen.get().getSecurityLevel()).isEqualTo(SecurityLevel.PRIVACY_AND_INTEGRITY);
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "TLS"})
    void shouldTellClientCredentialsWhetherOthersMayRead(Wire wire) throws Exception {
        CompletableFuture<SecurityLevel> told = new CompletableFuture<>();
        CallCredentials credentials = new CallCredentials() {
            @Override
            public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
                told.complete(request.getSecurityLevel());
                applier.apply(new Metadata());
            }
        };
        ofACall(wire, CallOptions.DEFAULT.withCallCredentials(credentials));
        assertThat(told.get(10, TimeUnit.SECONDS))
                .isEqualTo(wire == Wire.TLS ? SecurityLevel.PRIVACY_AND_INTEGRITY : SecurityLevel.NONE);
    }
}
