package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.Trust;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** StreamRPC over TLS: the same calls, and who the peer is. */
class TlsCallTest extends RpcFixture {
    private static final Identity SERVER = Identity.selfSigned();
    private static final Identity CLIENT = Identity.selfSigned("client.example");

    @TempDir
    Path directory;

    private final CompletableFuture<ServerCall<?, ?>> seen = new CompletableFuture<>();

    private Endpoint address(String scheme) {
        return switch (scheme) {
            case "tls" -> Endpoint.tcp("127.0.0.1", 0);
            case "tls+unix" -> Endpoint.unix(directory.resolve("s"));
            default -> Endpoint.memory("tls-call-test");
        };
    }

    /** Asks for a certificate, and lets in who shows none. */
    private static Tls serverTls() {
        return Tls.serverBuilder(Identities.of(SERVER))
                .clientCertificates(ClientAuth.OPTIONAL, Trust.of(CLIENT.certificate()))
                .build();
    }

    private static TlsClientBuilder clientTls() {
        return Tls.clientBuilder().trust(Trust.of(SERVER.certificate())).serverName("localhost");
    }

    private static Tls certifiedClientTls() {
        return clientTls().identity(Identities.of(CLIENT)).build();
    }

    private StreamRpcClient clientOf(SluiceServer server, Tls tls) {
        return client(server.endpoints().get(0).with(tls));
    }

    private ServerInterceptor remember() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                seen.complete(call);
                return next.startCall(call, headers);
            }
        };
    }

    private interface Use {
        void with(ByteStream stream) throws IOException;
    }

    private static ServerCalls.UnaryMethod<byte[], byte[]> method(Use use) {
        return (request, done) -> {
            try {
                use.with(StreamRpc.accept());
                done.onNext(NOTHING);
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        };
    }

    /** Tells the client whom the method takes it for. */
    private static void nameThePeer(ByteStream stream) throws IOException {
        Connection connection = StreamRpc.connection();
        assertThat(stream.connection()).isSameAs(connection);
        String name;
        try {
            Certificate peer = connection.tlsSession().orElseThrow().getPeerCertificates()[0];
            name = ((X509Certificate) peer).getSubjectX500Principal().getName();
        } catch (SSLPeerUnverifiedException e) {
            name = "nobody";
        }
        stream.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
    }

    private String nameOf(SluiceServer server, Tls tls) throws IOException {
        return new String(
                keep(clientOf(server, tls).call(STREAM, NOTHING)).inputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Attributes attributes() throws Exception {
        return seen.get(20, TimeUnit.SECONDS).getAttributes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "tls+unix", "tls+memory"})
    void shouldTellAMethodThePeersCertificateWhenItShowsOne(String scheme) throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(TlsCallTest::nameThePeer))),
                address(scheme).with(serverTls()));

        assertThat(nameOf(server, certifiedClientTls())).isEqualTo("CN=client.example");
        assertThat(nameOf(server, clientTls().build())).isEqualTo("nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "tls+unix"})
    void shouldGiveInterceptorsWhatGrpcGivesThemWhenTheConnectionIsTls(String scheme) throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {}))).intercept(remember()),
                address(scheme).with(serverTls()));

        nameOf(server, certifiedClientTls());

        SSLSession session = attributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
        assertThat(session.getPeerCertificates()).containsExactly(CLIENT.certificate());
        assertThat(seen.join().getSecurityLevel()).isEqualTo(SecurityLevel.PRIVACY_AND_INTEGRITY);
        SocketAddress local = attributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
        assertThat(local)
                .isEqualTo(
                        scheme.equals("tls")
                                ? new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(),
                                        server.endpoints().get(0).port())
                                : UnixDomainSocketAddress.of(directory.resolve("s")));
        if (scheme.equals("tls")) {
            assertThat(attributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)).isInstanceOf(InetSocketAddress.class);
        }
    }

    @Test
    void shouldClaimNoSecurityWhenTheConnectionIsPlaintext() throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {}))).intercept(remember()),
                Endpoint.tcp("127.0.0.1", 0).with(Tls.optional(Identities.of(SERVER))));

        keep(client(server.endpoints().get(0).below()).call(STREAM, NOTHING));

        assertThat(attributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)).isNull();
        assertThat(seen.join().getSecurityLevel()).isEqualTo(SecurityLevel.NONE);
        assertThat(attributes().get(StreamRpc.CONNECTION).tlsSession()).isEmpty();
    }

    /** A Unix socket alone cannot tell this from an end. */
    @ParameterizedTest
    @ValueSource(strings = {"tls", "tls+unix", "tls+memory"})
    void shouldFailTheReaderWhenTheMethodFails(String scheme) throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {
                    stream.write(ByteBuffer.wrap(new byte[] {42}));
                    stream.read(ByteBuffer.allocate(1)); // the client has the byte
                    throw new IOException("expected by the test");
                }))),
                address(scheme).with(serverTls()));
        ByteStream stream = keep(clientOf(server, clientTls().build()).call(STREAM, NOTHING));
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(1);
        stream.write(ByteBuffer.wrap(new byte[] {43}));

        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(10)))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.reason()).isIn(Reason.RESET, Reason.TRUNCATED, Reason.CANCELLED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "tls+unix", "tls+memory"})
    void shouldReadTheLastByteWhenTheMethodReturns(String scheme) throws Exception {
        byte[] much = new byte[3 << 20];
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> stream.write(ByteBuffer.wrap(much))))),
                address(scheme).with(serverTls()));

        ByteStream stream = keep(clientOf(server, clientTls().build()).call(STREAM, NOTHING));

        assertThat(stream.inputStream().readAllBytes()).hasSize(much.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "tls+unix", "tls+memory"})
    void shouldCarryTheRejectionWhenTheMethodRefuses(String scheme) throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service((request, done) -> done.onError(
                        Status.PERMISSION_DENIED.withDescription("not for you").asException()))),
                address(scheme).with(serverTls()));

        Throwable thrown =
                catchThrowable(() -> clientOf(server, clientTls().build()).call(STREAM, NOTHING));

        assertThat(thrown)
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("rpc error: code = PermissionDenied desc = not for you");
    }

    @Test
    void shouldGiveAHandlerOnTheLoopItsBytesWhenItAccepts() throws Exception {
        ConnectionHandler echo = new ConnectionHandler() {
            @Override
            public void onReadable(Connection connection) throws IOException {
                ByteBuffer bytes = ByteBuffer.allocate(10);
                if (connection.read(bytes) < 0) {
                    connection.close();
                    return;
                }
                connection.write(bytes.flip());
            }

            @Override
            public void onClosed(Connection connection, TransportException cause) {
                // the client sees it
            }
        };
        SluiceServer server = serve(
                s -> s.addService(service((request, done) -> StreamRpc.accept(echo))),
                address("tls").with(serverTls()));
        ByteStream stream = keep(clientOf(server, clientTls().build()).call(STREAM, NOTHING));

        stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        stream.shutdownOutput();

        assertThat(stream.inputStream().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldSayWhyWhenTheServerIsNotTrusted() throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {}))), address("tls").with(serverTls()));

        Throwable thrown = catchThrowable(() -> clientOf(
                        server,
                        Tls.clientBuilder()
                                .trust(Trust.of(CLIENT.certificate()))
                                .build())
                .call(STREAM, NOTHING));

        assertThat(thrown)
                .isInstanceOfSatisfying(
                        StreamRpcException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED))
                .hasMessageContaining("streamrpc client: dial: ");
    }

    /** As gRPC's own do that carry tokens. */
    private static final class PrivateCredentials extends CallCredentials {
        @Override
        public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
            if (request.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY) {
                applier.apply(new Metadata());
            } else {
                applier.fail(Status.UNAUTHENTICATED.withDescription("the channel is not private"));
            }
        }
    }

    @Test
    void shouldSendCredentialsThatDemandPrivacyWhenTheEndpointIsTls() throws Exception {
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {}))),
                Endpoint.tcp("127.0.0.1", 0).with(Tls.optional(Identities.of(SERVER))));
        Endpoint endpoint = server.endpoints().get(0);
        CallOptions options = CallOptions.DEFAULT.withCallCredentials(new PrivateCredentials());

        keep(client(endpoint.with(clientTls().build())).call(STREAM, NOTHING, options));

        assertThatThrownBy(() -> client(endpoint.below()).call(STREAM, NOTHING, options))
                .hasMessageContaining("the channel is not private");
    }

    @Test
    void shouldHaveNoConnectionOutsideOfACall() {
        assertThatIllegalStateException().isThrownBy(StreamRpc::connection);
    }
}
