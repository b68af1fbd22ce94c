package dev.sluice.samples;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The echo over TLS, both ends of it. */
public final class TlsEcho {
    private TlsEcho() {}

    static String echo(String text) throws IOException {
        Identity identity = Identity.selfSigned("localhost"); // in earnest: Identity.pem(chain, key)
        Tls serverSide = Tls.server(identity);
        Tls clientSide =
                Tls.clientBuilder().trust(Trust.of(identity.certificate())).build();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (SluiceServer server = SluiceServer.builder()
                        .listen(Endpoint.parse("tls://localhost:0").with(serverSide))
                        .protocol(StreamRpc.serve(s -> s.addService(new EchoServer())))
                        .start();
                StreamRpcClient client = StreamRpcClient.builder(
                                server.endpoints().get(0).with(clientSide))
                        .build();
                ByteStream stream = client.call(
                        TestStreamServiceGrpc.getTestStreamMethod(),
                        TestStreamRequest.newBuilder().setSize(bytes.length).build())) {
            stream.outputStream().write(bytes);
            String echoed = new String(stream.inputStream().readAllBytes(), StandardCharsets.UTF_8);
            return echoed + " over "
                    + stream.connection().tlsSession().orElseThrow().getProtocol();
        }
    }

    public static void main(String[] args) throws IOException {
        System.out.println(echo("hello"));
    }
}
