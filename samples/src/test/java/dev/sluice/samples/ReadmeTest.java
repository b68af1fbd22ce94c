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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The programs that the README shows are those that are compiled here, and they work. */
class ReadmeTest {
    private static final String BEGIN = "```java\n";
    private static final String END = "```";

    @Test
    void shouldShowTheSamplesAsTheyAreAndNothingElse() throws IOException {
        List<String> shown = Stream.of(Files.readString(Path.of("../README.md")).split(BEGIN, -1))
                .skip(1)
                .map(rest -> rest.substring(0, rest.indexOf(END)))
                .toList();

        assertThat(shown).containsExactly(sample("EchoServer"), sample("TlsEcho"));
    }

    private static String sample(String name) throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/sluice/samples/" + name + ".java"));
        return source.substring(source.indexOf("public final class"));
    }

    @Test
    void shouldEchoOverTls() throws IOException {
        assertThat(TlsEcho.echo("hello")).isEqualTo("hello over TLSv1.3");
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
