package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The server that the README shows is the one that is compiled here, and it works. */
class ReadmeTest {
    @Test
    void shouldShowTheSampleAsItIs() throws IOException {
        String sample = Files.readString(Path.of("src/main/java/dev/sluice/samples/EchoServer.java"));
        String shown = sample.substring(sample.indexOf("public final class"));
        assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + shown + "```");
    }

    @Test
    void shouldEchoWhenCalled() throws IOException {
        try (SluiceServer server = SluiceServer.builder()
                        .listen(Endpoint.memory("readme"))
                        .protocol(StreamRpc.serve(s -> s.addService(new EchoServer())))
                        .start();
                StreamRpcClient client =
                        StreamRpcClient.builder(server.endpoints().get(0)).build();
                ByteStream stream = client.call(
                        TestStreamServiceGrpc.getTestStreamMethod(),
                        TestStreamRequest.newBuilder().setSize(5).build())) {
            stream.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo("hello");
        }
    }
}
