package dev.sluice.samples;

import com.google.protobuf.Empty;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc.TestStreamServiceImplBase;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSession;

/** Lets in only clients with a certificate that the server trusts, and tells each of them who it is. */
public final class MutualTls extends TestStreamServiceImplBase {
    @Override
    public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
        SSLSession session = StreamRpc.connection().tlsSession().orElseThrow();
        try {
            String client = session.getPeerPrincipal().getName();
            StreamRpc.accept().outputStream().write(("hello " + client).getBytes(StandardCharsets.UTF_8));
            done.onNext(Empty.getDefaultInstance());
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    /** @param clients whose certificates are good */
    static SluiceServer start(Identity identity, Trust clients) throws IOException {
        Tls tls = Tls.serverBuilder(Identities.of(identity))
                .clientCertificates(ClientAuth.REQUIRED, clients)
                .build();
        return SluiceServer.builder()
                .listen(Endpoint.parse("tls://localhost:0").with(tls))
                .protocol(StreamRpc.serve(s -> s.addService(new MutualTls())))
                .start();
    }

    static String greet(Endpoint server, Tls tls) throws IOException {
        try (StreamRpcClient client = StreamRpcClient.builder(server.with(tls)).build();
                ByteStream stream = client.call(
                        TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance())) {
            return new String(stream.inputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static void main(String[] args) throws IOException {
        Identity server = Identity.selfSigned("localhost"); // in earnest: Identity.pem(chain, key)
        Identity client = Identity.selfSigned("alice"); // and Trust.pem(authorities)
        Tls clientSide = Tls.clientBuilder()
                .trust(Trust.of(server.certificate()))
                .identity(Identities.of(client))
                .build();
        try (SluiceServer running = start(server, Trust.of(client.certificate()))) {
            System.out.println(greet(running.endpoints().get(0), clientSide)); // hello CN=alice
        }
    }
}
