package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A backchannel as Gitaly's programs speak it, byte for byte: the client sends 12 bytes, which the server answers with 3; then the server opens
 * its stream and sends 4; then the client ends its direction of the first stream. One end is a script.
 */
class BackchannelTranscriptTest extends BackchannelFixture {
    private static final int HANG_MILLIS = 20_000;

    /** In the order in which the client sends. */
    private static final String MAGIC = "6261636b6368616e6e656c";

    private static final String OPEN_1 = "000100010000000100fc0000";
    private static final String DATA_1 = "00000000000000010000000c" + "505249202a20485454502f32";
    private static final String ACK_2 = "000100020000000200fc0000";
    private static final String END_1 = "000100040000000100000000";

    /** In the order in which the server sends. */
    private static final String ACK_1 = "000100020000000100fc0000";

    private static final String ANSWER_1 = "000000000000000100000003" + "737276";
    private static final String OPEN_2 = "000100010000000200fc0000";
    private static final String DATA_2 = "000000000000000200000004" + "6261636b";

    /** Waits for whoever takes the blocking view. */
    private static final class Paused implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("reading is paused");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The view tells.
        }
    }

    /** Takes all connections, and gives the test the first. */
    private record Taking(CompletableFuture<Connection> first) implements Protocol {
        @Override
        public String name() {
            return "taking";
        }

        @Override
        public Optional<Magic> magic() {
            return Optional.empty();
        }

        @Override
        public ConnectionHandler accept(Connection connection, Handshake handshake) {
            handshake.complete();
            connection.loop().post(() -> first.complete(connection)); // when it has its handler
            return new Paused();
        }
    }

    private static void send(Socket socket, String... hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(String.join("", hex)));
    }

    private static void expect(Socket socket, String... hex) throws IOException {
        String expected = String.join("", hex);
        byte[] read = socket.getInputStream().readNBytes(expected.length() / 2);
        assertThat(HexFormat.of().formatHex(read)).isEqualTo(expected);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void shouldSpeakAsGitalysServer() throws Exception {
        CompletableFuture<Connection> first = new CompletableFuture<>();
        Endpoint endpoint = start(
                        listening(Wire.TCP),
                        new Taking(first),
                        Backchannel.serve(peers, Backchannel.gitalySettings(), b -> {}))
                .endpoints()
                .get(0);
        try (Socket client = new Socket(endpoint.host(), endpoint.port())) {
            client.setSoTimeout(HANG_MILLIS);
            send(client, MAGIC, OPEN_1);
            expect(client, ACK_1); // which, later, would also say what of the data was read
            send(client, DATA_1);
            ByteStream stream = first.get(20, TimeUnit.SECONDS).blocking();
            assertThat(stream.inputStream().readNBytes(12)).isEqualTo(ascii("PRI * HTTP/2"));
            stream.outputStream().write(ascii("srv"));
            expect(client, ANSWER_1);
            ByteStream back = peers.peer(1)
                    .session()
                    .openStream(new Paused())
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS)
                    .blocking();
            expect(client, OPEN_2);
            send(client, ACK_2);
            back.outputStream().write(ascii("back"));
            expect(client, DATA_2);
            send(client, END_1);
            assertThat(stream.inputStream().read()).as("the end").isEqualTo(-1);
        }
    }

    @Test
    void shouldSpeakAsGitalysClient() throws Exception {
        CompletableFuture<Connection> opened = new CompletableFuture<>();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Endpoint endpoint = Backchannel.client(
                    Endpoint.tcp("127.0.0.1", listener.getLocalPort()),
                    Backchannel.gitalySettings(),
                    () -> List.of(new Taking(opened)));
            CompletableFuture<Connection> connecting = group.connect(endpoint, new Paused(), Duration.ofSeconds(20))
                    .toCompletableFuture();
            try (Socket server = listener.accept()) {
                server.setSoTimeout(HANG_MILLIS);
                ByteStream stream = connecting.get(20, TimeUnit.SECONDS).blocking();
                stream.outputStream().write(ascii("PRI * HTTP/2"));
                expect(server, MAGIC, OPEN_1, DATA_1);
                send(server, ACK_1, ANSWER_1, OPEN_2);
                assertThat(stream.inputStream().readNBytes(3)).isEqualTo(ascii("srv"));
                expect(server, ACK_2);
                send(server, DATA_2);
                ByteStream back = opened.get(20, TimeUnit.SECONDS).blocking();
                assertThat(back.inputStream().readNBytes(4)).isEqualTo(ascii("back"));
                stream.shutdownOutput();
                expect(server, END_1);
            }
        }
    }
}
