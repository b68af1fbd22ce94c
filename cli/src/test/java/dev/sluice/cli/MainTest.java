package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static dev.sluice.cli.Commands.runWithInput;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user has it, against a server that is the command as well. */
class MainTest {
    private static final String ECHO = "gitaly.TestStreamService/TestStream";

    @TempDir
    Path directory;

    private Path root;
    private String server;
    private Commands.Running serve;

    @BeforeEach
    void serve() throws IOException {
        root = Files.createDirectories(directory.resolve("root/dir")).getParent();
        Files.writeString(root.resolve("dir/file"), "content");
        serve = new Commands.Running(
                "serve",
                "--root",
                root.toString(),
                "-l",
                "tcp://127.0.0.1:0",
                "-l",
                "unix://" + directory.resolve("s"));
        await().until(() -> serve.addresses().size() == 2);
        server = serve.addresses().get(0);
    }

    @AfterEach
    void stopServing() {
        assertThat(serve.interrupt()).isZero();
        assertThat(directory.resolve("s")).doesNotExist();
        assertThat(serve.err()).isEmpty();
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void shouldGetAndPutWithoutAWordWhenNobodyWatches() throws IOException {
        Commands.Result get = run("get", server, "dir/file", "-o", path("got"));
        Commands.Result put = run("put", path("got"), "unix://" + directory.resolve("s"), "dir/put");

        assertThat(get).isEqualTo(new Commands.Result(0, "", ""));
        assertThat(put).isEqualTo(new Commands.Result(0, "", ""));
        assertThat(root.resolve("dir/put")).hasContent("content");
        assertThat(run("get", server, "dir/file", "-o", "-")).isEqualTo(new Commands.Result(0, "content", ""));
    }

    @Test
    void shouldMoveFilesByGrpcWhenToldTo() {
        String unix = "unix://" + directory.resolve("s");
        Commands.Result get = run("get", server, "dir/file", "-o", path("got"), "--protocol", "grpc");
        Commands.Result put = run("put", path("got"), unix, "dir/put", "-p", "grpc");

        assertThat(get).isEqualTo(new Commands.Result(0, "", ""));
        assertThat(put).isEqualTo(new Commands.Result(0, "", ""));
        assertThat(root.resolve("dir/put")).hasContent("content");
        assertThat(run("get", unix, "dir/file", "-o", "-", "-p", "grpc"))
                .isEqualTo(new Commands.Result(0, "content", ""));
        assertFails(run("get", server, "dir/file", "-p", "http"), 2, "http");
    }

    @Test
    void shouldSayWhatAndWhatToDoWhenATransferByGrpcFails() {
        assertFails(
                run("get", server, "nope", "-o", path("x"), "-p", "grpc"),
                1,
                "sluice: the server refused: no such file: 'nope'");
        assertFails(
                run("put", "-n", root.resolve("dir/file").toString(), server, "dir/file", "-p", "grpc"),
                1,
                "is there already");
        assertFails(run("get", server, "dir/file", "-o", path("nope/x"), "-p", "grpc"), 1, "no such file or directory");
        assertFails(
                run("get", "unix://" + directory.resolve("nobody"), "x", "-p", "grpc"),
                1,
                "is a server running there?");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    @Test
    void shouldPutIntoTheDirectoryWhenTheOutputIsOne() {
        assertThat(run("get", server, "dir/file", "-o", directory.toString()).code())
                .isZero();

        assertThat(directory.resolve("file")).hasContent("content");
    }

    @Test
    void shouldSayWhatAndWhatToDoWhenATransferIsRefused() throws IOException {
        assertFails(run("get", server, "nope", "-o", path("x")), 1, "no such file: 'nope'");
        assertFails(run("get", server, "dir", "-o", path("x")), 1, "is a directory");
        assertFails(run("get", server, "../x", "-o", path("x")), 1, "not a path within the root");
        assertFails(run("get", server, "dir/file", "-o", path("nope/x")), 1, "no such file or directory");
        assertFails(run("put", path("nope"), server, "x"), 1, "no such file or directory");
        assertFails(run("put", directory.toString(), server, "x"), 1, "not a regular file");
        Path source = Files.writeString(directory.resolve("source"), "new");
        assertFails(run("put", source.toString(), server, "nope/x"), 1, "make it first");
        assertFails(run("put", "-n", source.toString(), server, "dir/file"), 1, "is there already");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    @Test
    void shouldSayWhatAndWhatToDoWhenThereIsNoServer() {
        assertFails(run("get", "unix://" + directory.resolve("nobody"), "x"), 1, "is a server running there?");
        assertFails(run("get", "foo:bar", "x"), 1, "no transport for the scheme 'foo'");
    }

    @Test
    void shouldSayWhatAndWhatToDoWhenTheAddressCannotBeUsed() throws IOException {
        String root = this.root.toString();
        assertFails(run("serve", "-r", root, "-l", server), 1, "choose another port");
        assertFails(run("serve", "-r", root, "-l", "unix://" + directory.resolve("s")), 1, "another server listens");
        assertFails(
                run("serve", "-r", root, "-l", "unix://" + directory.resolve("x".repeat(110))),
                1,
                "choose a shorter one");
        assertFails(run("serve", "-r", path("nope")), 1, "no such file or directory");
        Path file = Files.createFile(directory.resolve("plain"));
        assertFails(run("serve", "-r", file.toString()), 1, "not a directory");
        assertFails(run("serve", "-r", root, "-l", "unix://" + file), 1, "no socket");
    }

    @Test
    void shouldEndWithTwoWhenUsedWrongly() {
        assertFails(run(), 2, "give a command");
        assertFails(run("bogus"), 2, "see 'sluice --help'");
        assertFails(run("get", server), 2, "see 'sluice get --help'");
        assertFails(run("get", "tcp://host", "x"), 2, "the port is missing");
        assertFails(run("demo", "--size", "many"), 2, "not a size");
        assertFails(run("demo", "--size", "1"), 2, "at least 1K");
        assertFails(run("call", server, "noslash"), 2, "package.Service/Method");
        assertFails(run("call", server, ECHO, "{}", "--message-base64", "!"), 2, "base64");
        assertFails(run("call", server, "a.B/c", "{\"x\": 1}"), 2, "--message-base64");
    }

    @Test
    void shouldShowHelpWhenAsked() {
        for (String command : new String[] {"serve", "get", "put", "call", "lint", "demo"}) {
            Commands.Result help = run(command, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.out()).contains("Usage: sluice " + command);
        }
        assertThat(run("--version").out()).startsWith("sluice ");
    }

    private static String echoOf(String repository, int size) {
        return "{\"repository\": {\"relativePath\": \"" + repository + "\"}, \"size\": " + size + "}";
    }

    @Test
    void shouldConnectStandardStreamsWithACall() {
        assertThat(runWithInput("hello", "call", server, "/" + ECHO, echoOf("dir", 5)))
                .isEqualTo(new Commands.Result(0, "hello", ""));
        assertThat(runWithInput("too much", "call", server, ECHO, echoOf("dir", 3))
                        .out())
                .isEqualTo("too");
        assertThat(runWithInput("short", "call", server, ECHO, echoOf("dir", 100)))
                .isEqualTo(new Commands.Result(0, "short", ""));
        assertThat(runWithInput("hello", "call", server, ECHO, echoOf("dir", -1)))
                .isEqualTo(new Commands.Result(0, "", ""));
    }

    @Test
    void shouldPassOnWhatTheServerSaysWhenACallIsRefused() {
        assertFails(
                run("call", server, ECHO, echoOf("nope", 1)),
                1,
                "rpc error: code = NotFound desc = GetRepoPath: not a git repository");
        assertFails(run("call", server, ECHO), 1, "GetRepoPath: not a git repository");
        assertFails(run("call", server, "a.B/c"), 1, "method not found: /a.B/c");
        assertFails(run("call", server, ECHO, "{\"size\": \"x\"}"), 1, "gitaly.TestStreamRequest");
    }

    @Test
    void shouldSendTheEncodedMessageWhenItIsGiven() {
        // relative_path = 3 within repository = 1: "dir"; size = 2: 2
        String message = Base64.getEncoder().encodeToString(HexFormat.of().parseHex("0a051a036469721002"));

        Commands.Result result =
                runWithInput("ok", "call", server, ECHO, "--message-base64", message, "-m", "k=v", "-m", "k-bin=AAAA");

        assertThat(result).isEqualTo(new Commands.Result(0, "ok", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"streamrpc", "grpc"})
    void shouldLeaveNothingBehindWhenAGetIsInterrupted(String protocol) throws Exception {
        Path fifo = directory.resolve("fifo"); // whose other end nobody reads: the get stands still
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0);
        Files.write(root.resolve("big"), new byte[20 << 20]);
        try (var reader = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Commands.Running get = new Commands.Running("get", server, "big", "-o", fifo.toString(), "-p", protocol);
            reader.read(ByteBuffer.allocate(1));

            assertThat(get.interrupt()).isEqualTo(1);
        }
    }

    @Test
    void shouldPrintOneObjectThatSaysAllIsRight() throws IOException {
        Set<Path> before = temporaryFiles();

        Commands.Result demo = run("demo", "--size", "3M", "--json", "--dir", directory.toString());

        assertThat(demo.code()).as(demo.out() + demo.err()).isZero();
        assertThat(demo.err()).isEmpty();
        Struct.Builder object = Struct.newBuilder();
        JsonFormat.parser().merge(demo.out(), object);
        assertThat(object.getFieldsOrThrow("ok").getBoolValue()).isTrue();
        Set<String> seen = new HashSet<>();
        for (Value check : object.getFieldsOrThrow("checks").getListValue().getValuesList()) {
            Map<String, Value> fields = check.getStructValue().getFieldsMap();
            assertThat(fields).containsOnlyKeys("name", "wire", "ok", "bytes", "seconds", "sha256");
            assertThat(fields.get("ok").getBoolValue()).isTrue();
            assertThat(fields.get("sha256").getStringValue()).matches("[0-9a-f]{64}");
            seen.add(fields.get("wire").getStringValue() + " "
                    + fields.get("name").getStringValue());
        }
        assertThat(seen)
                .hasSize(85)
                .contains("tcp grpc-unary", "unix grpc-health", "tls grpc-concurrent-calls", "memory grpc-stream")
                .contains("tcp echo", "unix get", "memory put", "tcp unknown-method")
                .contains("tcp framed-call", "unix framed-down", "memory framed-up", "memory framed-close")
                .contains("unix concurrent-calls", "tls echo", "tls+unix put", "tls concurrent-calls")
                .contains("tcp backchannel", "memory backchannel", "tls+unix backchannel", "unix backchannel-refusal")
                .contains(
                        "tcp sidechannel-get",
                        "unix sidechannel-put",
                        "memory sidechannel-get",
                        "tls+unix sidechannel-put");
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    @Test
    void shouldShowATableAndCleanUpWhenTheDemoIsInterrupted() throws IOException {
        Set<Path> before = temporaryFiles();
        Commands.Running demo = new Commands.Running("demo", "--size", "200M", "--dir", directory.toString());
        await().until(() -> demo.out().contains("echo"));

        assertThat(demo.interrupt()).isEqualTo(1);

        assertThat(demo.err()).isEqualTo("sluice: interrupted" + System.lineSeparator());
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    private Set<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return new HashSet<>(files.toList());
        }
    }
}
