package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static dev.sluice.cli.Commands.runWithInput;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice call} by gRPC, against {@code sluice serve}. */
class GrpcCallTest {
    private static final String STAT = "sluice.files.v1.FileService/Stat";
    private static final String GET = "sluice.files.v1.FileService/Get";
    private static final String HEALTH = "grpc.health.v1.Health/Check";
    private static final String CALL_BACK = "sluice.interop.CallService/CallBack";
    private static final String FILE = "{\"path\": \"file\", \"checksum\": true}";
    private static final String ABSTRACT =
            "unix-abstract:sluice-grpc-call-test-" + ProcessHandle.current().pid();

    @TempDir
    private static Path directory;

    private static Commands.Running serve;

    @BeforeAll
    static void serve() throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.writeString(root.resolve("file"), "123456789");
        serve = new Commands.Running(
                "serve",
                "--root",
                root.toString(),
                "-l",
                "tcp://127.0.0.1:0",
                "-l",
                "unix://" + directory.resolve("s"),
                "-l",
                ABSTRACT,
                "-l",
                "tls://127.0.0.1:0",
                "-l",
                "tls+unix://" + directory.resolve("t"),
                "--self-signed-out",
                directory.resolve("server.crt").toString());
        await().until(() -> serve.addresses().size() == 5);
    }

    @AfterAll
    static void stopServing() {
        assertThat(serve.interrupt()).isZero();
    }

    private static String address(String scheme) {
        return serve.addresses().stream()
                .filter(address -> address.startsWith(scheme + ":"))
                .findFirst()
                .orElseThrow();
    }

    private static Commands.Result call(String address, String... rest) {
        Stream<String> trust = address.startsWith("tls")
                ? Stream.of("--ca", directory.resolve("server.crt").toString(), "--server-name", "localhost")
                : Stream.of();
        return run(Stream.of(Stream.of("call", address), Stream.of(rest), trust)
                .flatMap(part -> part)
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "tls", "tls+unix"})
    void shouldPrintTheAnswerAsJson(String scheme) {
        Commands.Result stat = call(address(scheme), STAT, FILE);

        assertThat(stat.err()).isEmpty();
        assertThat(stat.code()).isZero();
        assertThat(stat.out())
                .startsWith("{")
                .contains("\"size\": \"9\"", "\"crc32c\": " + Integer.toUnsignedString(0xe3069283));
    }

    @Test
    void shouldListTheMethodsThatTheServerDescribes() {
        Commands.Result list = call(address("tcp"), "list");

        assertThat(list.err()).isEmpty();
        assertThat(list.out().lines()).contains(STAT, GET, HEALTH, CALL_BACK, "gitaly.TestStreamService/TestStream");
    }

    @Test
    void shouldCallMethodsThatOnlyTheServerKnows() {
        assertThat(call(address("unix"), HEALTH).out()).contains("\"status\": \"SERVING\"");
        assertThat(call(address("unix"), "/" + HEALTH, "{}", "-p", "grpc").out())
                .contains("\"status\": \"SERVING\"");
    }

    @Test
    void shouldSendTheEncodedMessageWhenItIsGiven() {
        String path = Base64.getEncoder().encodeToString(HexFormat.of().parseHex("120466696c65")); // path = 2: "file"

        assertThat(call(address("tcp"), STAT, "--message-base64", path).out()).contains("\"size\": \"9\"");
    }

    @Test
    void shouldPrintEachMessageWhenTheServerStreamsThem() {
        Commands.Running watch = new Commands.Running("call", address("tcp"), "grpc.health.v1.Health/Watch");
        await().until(() -> watch.out().endsWith("}" + System.lineSeparator()));

        assertThat(watch.out()).contains("\"status\": \"SERVING\"");
        assertThat(watch.interrupt()).isEqualTo(1);
        assertThat(watch.err()).isEqualTo("sluice: interrupted" + System.lineSeparator());
    }

    /** As when the output is piped into a program that has read enough. */
    @Test
    void shouldEndWhenNobodyReadsWhatTheServerStreams() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(InputStream.nullInputStream(), broken, new PrintStream(err, true, UTF_8), false);

        assertThat(Main.run(streams, "call", address("tcp"), "grpc.health.v1.Health/Watch"))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8)).isEqualTo("sluice: cannot write to standard output" + System.lineSeparator());
    }

    @Test
    void shouldChooseByWhatTheMethodIs() {
        assertThat(call(address("tcp"), GET, "{\"path\": \"file\"}").out()).contains("123456789");
        assertFails(
                call(address("tcp"), GET, "{\"path\": \"file\"}", "-p", "grpc"),
                1,
                "the server refused: UNIMPLEMENTED: " + GET + " is a byte stream");
        assertThat(call(address("tcp"), STAT, FILE, "--protocol", "streamrpc").out())
                .doesNotContain("\": "); // not JSON but the message's own bytes, of which any may be a brace
        assertFails(call(address("tcp"), HEALTH, "-p", "streamrpc"), 1, "method not found: /" + HEALTH);
        assertFails(call(address("tcp"), STAT, FILE, "-p", "soap"), 2, "--protocol");
    }

    @Test
    void shouldSayCodeAndDescriptionWhenACallIsRefused() {
        String server = address("tls");
        assertFails(
                call(server, STAT, "{\"path\": \"nope\"}"), 1, "the server refused: NOT_FOUND: no such file: 'nope'");
        assertFails(
                call(server, HEALTH, "{\"service\": \"nope\"}"), 1, "the server refused: NOT_FOUND: unknown service");
        assertFails(call(server, "a.B/c", "{}", "-p", "grpc"), 1, "the server refused: NOT_FOUND: ");
        assertFails(
                call(server, "grpc.health.v1.Health/Nope", "{}", "-p", "grpc"),
                1,
                "NOT_FOUND: the service grpc.health.v1.Health has no method Nope");
        assertFails(
                call(server, STAT, "{\"bogus\": 1}"), 1, "the message is not a sluice.files.v1.StatRequest in JSON");
        assertFails(
                call(server, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
                1,
                "takes a stream of messages");
    }

    @Test
    void shouldSayWhatToTryWhenTheServerCannotBeReached() {
        String tcp = address("tcp");
        String tls = address("tls");
        assertFails(run("call", "unix://" + directory.resolve("nobody"), "list"), 1, "is a server running there?");
        assertFails(run("call", "unix://" + directory.resolve("nobody"), HEALTH), 1, "is a server running there?");
        assertFails(run("call", tls, HEALTH), 1, "--ca FILE says whose certificates to trust");
        assertFails(call(tcp.replace("tcp:", "tls:"), HEALTH), 1, "does the server speak TLS there? If not");
        assertFails(call(tls.replace("tls:", "tcp:"), "list"), 1, "TLS");
        assertFails(call(tls.replace("tls:", "tcp:"), HEALTH), 1, "Then its address is " + tls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix", "unix-abstract", "tls", "tls+unix"})
    void shouldVoteWhenTheServerCallsBack(String scheme) {
        Commands.Result voted = call(address(scheme), CALL_BACK, "{\"question\": \"one\\ntwo\"}", "--backchannel");

        assertThat(voted.code()).isZero();
        assertThat(voted.out()).contains("\"answer\": \"sluice votes on one\\ntwo\"");
        assertThat(voted.err()).isEqualTo("sluice: asked to vote on \"one\\ntwo\"" + System.lineSeparator());
    }

    @Test
    void shouldNotBeAskedToVoteWhenItCannotBeCalledBack() {
        Commands.Result answered = call(address("tcp"), CALL_BACK);

        assertThat(answered.out()).contains("\"answer\": \"non-multiplexed connection\"");
        assertThat(answered.err()).isEmpty();
    }

    @Test
    void shouldCallStreamsWhenTheConnectionHasABackchannel() {
        assertThat(call(address("tls"), GET, "{\"path\": \"file\"}", "--backchannel")
                        .out())
                .contains("123456789");
    }

    @Test
    void shouldNameTheServerAsItWasGivenWhenABackchannelCannotBeMade() {
        String tls = address("tls");
        assertFails(
                call(tls.replace("tls:", "tcp:"), HEALTH, "--backchannel"),
                1,
                "Then its address is " + tls + ", or leave out --backchannel");
    }

    @Test
    void shouldSendMetadata() {
        assertThat(runWithInput("", "call", address("tcp"), HEALTH, "-m", "k=v", "-m", "k-bin=AAAA")
                        .out())
                .contains("SERVING");
    }

    @Test
    void shouldHearThatTheServerStopsBeforeItDoes() {
        Commands.Running stopping = new Commands.Running(
                "serve", "--root", directory.toString(), "-l", "unix://" + directory.resolve("stopping"));
        await().until(() -> !stopping.addresses().isEmpty());
        Commands.Running watch =
                new Commands.Running("call", stopping.addresses().get(0), "grpc.health.v1.Health/Watch");
        await().until(() -> watch.out().contains("\"SERVING\""));

        CompletableFuture<Integer> stopped = CompletableFuture.supplyAsync(stopping::interrupt);

        await().until(() -> watch.out().contains("\"NOT_SERVING\""));
        watch.interrupt();
        assertThat(stopped.join()).isZero();
    }
}
