package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.Empty;
import dev.sluice.mux.CallAttributes;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one interceptor, in front of calls of both kinds, learns of their connections. */
class ConnectionOfCallsTest extends GrpcFixture {
    private final CompletableFuture<Seen> seen = new CompletableFuture<>();

    /** How a call is made. */
    enum Kind {
        GRPC,
        STREAM_RPC
    }

    /** What the interceptor saw while the call was open. */
    private record Seen(Attributes attributes, SecurityLevel security, Optional<PeerCredentials> peer) {
        Connection connection() {
            return attributes.get(CallAttributes.CONNECTION);
        }

        SocketAddress local() {
            return attributes.get(io.grpc.Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
        }

        SocketAddress remote() {
            return attributes.get(io.grpc.Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        }
    }

    private final class Seeing implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Attributes attributes = call.getAttributes();
            seen.complete(new Seen(
                    attributes,
                    call.getSecurityLevel(),
                    attributes.get(CallAttributes.CONNECTION).peerCredentials()));
            return next.startCall(call, headers);
        }
    }

    private static final class Method extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        private final Kind kind;

        Method(Kind kind) {
            this.kind = kind;
        }

        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            try {
                if (kind == Kind.STREAM_RPC) {
                    StreamRpc.accept();
                }
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    private Seen call(Kind kind, Wire wire) throws Exception {
        ServerInterceptor interceptor = new Seeing();
        SluiceServer server = start(
                listening(wire),
                Grpc.serve(b -> b.addService(new Method(Kind.GRPC)).intercept(interceptor)),
                StreamRpc.serve(s -> s.addService(new Method(Kind.STREAM_RPC)).intercept(interceptor)));
        Endpoint endpoint = reaching(wire, server);
        var method = TestStreamServiceGrpc.getTestStreamMethod();
        TestStreamRequest request = TestStreamRequest.getDefaultInstance();
        if (kind == Kind.GRPC) {
            ClientCalls.blockingUnaryCall(channel(endpoint), method, CallOptions.DEFAULT, request);
        } else {
            try (StreamRpcClient client =
                    StreamRpcClient.builder(endpoint).group(group).build()) {
                client.call(method, request).close();
            }
        }
        return seen.get(10, TimeUnit.SECONDS);
    }

    static Stream<Arguments> callsAndWires() {
        return Stream.of(Kind.values()).flatMap(kind -> Stream.of(Wire.values()).map(wire -> arguments(kind, wire)));
    }

    @ParameterizedTest
    @MethodSource("callsAndWires")
    void shouldShowTheConnectionUnderOneKey(Kind kind, Wire wire) throws Exception {
        Seen call = call(kind, wire);

        assertThat(call.connection()).isNotNull();
        assertThat(call.attributes().get(Grpc.CONNECTION)).isSameAs(call.connection());
        assertThat(call.attributes().get(StreamRpc.CONNECTION)).isSameAs(call.connection());
        assertThat(call.connection().localEndpoint().scheme())
                .isEqualTo(listening(wire).scheme());
    }

    @ParameterizedTest
    @MethodSource("callsAndWires")
    void shouldTellAddressesAndPeersWhereTheTransportKnowsThem(Kind kind, Wire wire) throws Exception {
        Seen call = call(kind, wire);

        switch (wire) {
            case TCP, TLS ->
                assertThat(call.remote())
                        .isInstanceOfSatisfying(
                                InetSocketAddress.class,
                                address -> assertThat(address.getAddress().isLoopbackAddress())
                                        .isTrue());
            case UNIX, TLS_OVER_UNIX -> {
                assertThat(call.local()).isEqualTo(UnixDomainSocketAddress.of(folder.resolve("s")));
                assertThat(call.peer().map(PeerCredentials::user)).contains(System.getProperty("user.name"));
            }
            case MEMORY -> assertThat(call.connection().localEndpoint()).isEqualTo(listening(wire));
        }
    }

    @ParameterizedTest
    @MethodSource("callsAndWires")
    void shouldTellWhatTlsMadeOfIt(Kind kind, Wire wire) throws Exception {
        Seen call = call(kind, wire);
        boolean tls = wire == Wire.TLS || wire == Wire.TLS_OVER_UNIX;

        assertThat(call.attributes().get(io.grpc.Grpc.TRANSPORT_ATTR_SSL_SESSION) != null)
                .isEqualTo(tls);
        assertThat(call.connection().tlsSession().isPresent()).isEqualTo(tls);
        assertThat(call.security()).isEqualTo(tls ? SecurityLevel.PRIVACY_AND_INTEGRITY : SecurityLevel.NONE);
    }
}
