package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static dev.sluice.cli.Commands.runWithInput;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.tls.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on the command line: servers and clients that are the command. */
class TlsCommandTest {
    private static final String TCP = "tls://127.0.0.1:0";
    private static final Identity SERVER = Identity.selfSigned();
    private static final Identity CLIENT = Identity.selfSigned("client.example");

    @TempDir
    Path directory;

    private Path root;
    private final List<Commands.Running> servers = new ArrayList<>();

    @BeforeEach
    void makeFiles() throws IOException, GeneralSecurityException {
        root = Files.createDirectory(directory.resolve("root"));
        Files.createDirectory(root.resolve("dir"));
        Files.writeString(root.resolve("file"), "content");
        write(SERVER, "server");
        write(CLIENT, "client");
    }

    private void write(Identity identity, String name) throws IOException, GeneralSecurityException {
        writePem(name + ".crt", "CERTIFICATE", identity.certificate().getEncoded());
        writePem(name + ".key", "PRIVATE KEY", identity.privateKey().getEncoded());
    }

    private void writePem(String name, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder().encodeToString(der);
        Files.writeString(
                directory.resolve(name),
                "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    @AfterEach
    void stopServing() {
        for (Commands.Running server : servers) {
            assertThat(server.interrupt()).isZero();
        }
    }

    /** Serves at one address and returns it, with the port that the system chose. */
    private String serve(String address, String... options) {
        Commands.Running server = new Commands.Running(
                args(new String[] {"serve", "--root", root.toString(), "--listen", address}, options));
        servers.add(server);
        await().until(() -> !server.addresses().isEmpty());
        return server.addresses().get(0);
    }

    private String serveCertified(String address, String... options) {
        return serve(address, args(new String[] {"--cert", path("server.crt"), "--key", path("server.key")}, options));
    }

    private static String[] args(String[] first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private Commands.Result get(String server, String... options) {
        return run(args(new String[] {"get", server, "file", "-o", "-"}, options));
    }

    private static void assertGot(Commands.Result result) {
        assertThat(result).isEqualTo(new Commands.Result(0, "content", ""));
    }

    // ---------------------------------------------------------------- what works

    @Test
    void shouldGetPutAndCallWhenTheClientTrustsTheServersCertificate() {
        String server = serveCertified(TCP);
        assertThat(server).startsWith("tls://127.0.0.1:");

        assertGot(get(server, "--ca", path("server.crt")));
        assertGot(get(server, "--ca", path("server.crt"), "--protocol", "grpc"));
        assertThat(run("put", path("client.crt"), server, "put", "--ca", path("server.crt")))
                .isEqualTo(new Commands.Result(0, "", ""));
        assertThat(root.resolve("put")).hasSameTextualContentAs(directory.resolve("client.crt"));
        assertThat(runWithInput(
                        "hello",
                        "call",
                        server,
                        "gitaly.TestStreamService/TestStream",
                        "{\"repository\": {\"relativePath\": \"dir\"}, \"size\": 5}",
                        "--ca",
                        path("server.crt")))
                .isEqualTo(new Commands.Result(0, "hello", ""));
        assertThat(servers.get(0).err()).isEmpty();
    }

    @Test
    void shouldNeedAServerNameWhenTheAddressIsAUnixSocket() {
        String server = serveCertified("tls+unix://" + directory.resolve("s"));

        assertGot(get(server, "--ca", path("server.crt"), "--server-name", "localhost"));
        assertFails(get(server, "--ca", path("server.crt")), 2, "--server-name NAME");
    }

    @Test
    void shouldMakeACertificateWhenNoneIsGiven() throws IOException {
        String server = serve(TCP, "--self-signed-out", path("made.crt"));

        assertGot(get(server, "--ca", path("made.crt")));
        assertThat(servers.get(0).err())
                .contains("made a certificate for this run, as no --cert is given, for localhost, 127.0.0.1, ::1")
                .containsPattern("SHA-256 fingerprint is [0-9A-F]{2}(:[0-9A-F]{2}){31}\\R")
                .contains("--ca " + path("made.crt"));
        assertThat(Files.readString(directory.resolve("made.crt"))).doesNotContain("KEY");
    }

    @Test
    void shouldSayHowToTrustWhenTheMadeCertificateIsNotWritten() {
        serve(TCP);

        assertThat(servers.get(0).err()).contains("--self-signed-out FILE").contains("--insecure");
    }

    @Test
    void shouldReplaceNothingButCertificatesWhenItWritesOne() throws IOException {
        Path taken = directory.resolve("server.key");
        String before = Files.readString(taken);

        assertFails(
                run("serve", "-r", root.toString(), "-l", TCP, "--self-signed-out", taken.toString()),
                1,
                "there is a file that is no certificate");

        assertThat(taken).hasContent(before);
        String server = serve(TCP, "--self-signed-out", path("client.crt"));
        assertGot(get(server, "--ca", path("client.crt")));
    }

    @Test
    void shouldWarnLoudlyWhenTheClientTrustsAnybody() {
        String server = serve(TCP);
        String named = serve("tls+unix://" + directory.resolve("s"));

        for (String address : List.of(server, named)) {
            Commands.Result result = get(address, "--insecure");
            assertThat(result.code()).isZero();
            assertThat(result.out()).isEqualTo("content");
            assertThat(result.err())
                    .startsWith("sluice: WARNING: --insecure")
                    .contains("read and change everything")
                    .hasLineCount(1);
        }
    }

    @Test
    void shouldLetInOnlyCertifiedClientsWhenTheServerNamesTheirAuthority() {
        String server = serveCertified(TCP, "--client-ca", path("client.crt"));

        assertGot(get(server, "--ca", path("server.crt"), "--cert", path("client.crt"), "--key", path("client.key")));
        assertFails(get(server, "--ca", path("server.crt")), 1, "--cert and --key");
        assertFails(
                get(server, "--ca", path("server.crt"), "--cert", path("server.crt"), "--key", path("server.key")),
                1,
                "--cert and --key");
    }

    @Test
    void shouldServeBothWhenTlsIsOptional() {
        String server = serveCertified(TCP, "--tls-optional");

        assertGot(get(server, "--ca", path("server.crt")));
        assertGot(get(server.replace("tls:", "tcp:")));
    }

    @Test
    void shouldShowTheNewCertificateWhenTheFilesChange() throws IOException, GeneralSecurityException {
        String server = serveCertified(TCP);
        Files.copy(directory.resolve("server.crt"), directory.resolve("old.crt"));
        write(Identity.selfSigned(), "server");

        await().atMost(Duration.ofSeconds(60))
                .until(() -> get(server, "--ca", path("server.crt")).code() == 0);

        assertThat(get(server, "--ca", path("old.crt")).code()).isEqualTo(1);
    }

    @Test
    void shouldServePlaintextBesideTlsWhenBothAreNamed() {
        String server = serveCertified(TCP, "--listen", "tcp://127.0.0.1:0");
        await().until(() -> servers.get(0).addresses().size() == 2);

        assertGot(get(server, "--ca", path("server.crt")));
        assertGot(get(servers.get(0).addresses().get(1)));
    }

    // ---------------------------------------------------------------- what does not

    @Test
    void shouldPassOnWhatTheServerSaysWhenItRefuses() {
        String server = serveCertified(TCP);

        assertFails(
                run("get", server, "nope", "-o", "-", "--ca", path("server.crt")),
                1,
                "the server refused: no such file: 'nope'");
        assertFails(run("put", path("client.crt"), server, "nope/x", "--ca", path("server.crt")), 1, "make it first");
    }

    @Test
    void shouldSayWhyAndWhatToDoWhenTheServerIsNotTrusted() {
        String server = serveCertified(TCP);

        assertFails(get(server), 1, "--ca FILE");
        assertFails(get(server, "--ca", path("client.crt")), 1, "--ca FILE");
        assertFails(get(server, "--ca", path("server.crt"), "--server-name", "other.example"), 1, "other.example");
    }

    @Test
    void shouldSayWhatToDoWhenOneSideSpeaksTlsAndTheOtherDoesNot() {
        String secured = serveCertified(TCP);
        String plain = serve("tcp://127.0.0.1:0");

        assertFails(get(secured.replace("tls:", "tcp:")), 1, "Then its address is " + secured);
        assertFails(get(plain.replace("tcp:", "tls:")), 1, "If not, its address is " + plain);
    }

    @Test
    void shouldSayWhichFileIsWrongWhenAServersFilesAre() throws IOException {
        Files.writeString(
                directory.resolve("encrypted.key"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertServeFails(path("nope.crt") + ": no such file", "--cert", path("nope.crt"), "--key", path("server.key"));
        assertServeFails(path("nope.key") + ": no such file", "--cert", path("server.crt"), "--key", path("nope.key"));
        assertServeFails("does not belong", "--cert", path("server.crt"), "--key", path("client.key"));
        assertServeFails("openssl pkey", "--cert", path("server.crt"), "--key", path("encrypted.key"));
        assertServeFails(path("server.crt") + ": holds", "--cert", path("server.crt"), "--key", path("server.crt"));
        assertServeFails(path("nope") + ": no such file", "--client-ca", path("nope"));
    }

    private void assertServeFails(String text, String... options) {
        assertFails(run(args(new String[] {"serve", "-r", root.toString(), "-l", TCP}, options)), 1, text);
    }

    @Test
    void shouldSayWhichFileIsWrongWhenAClientsFilesAre() {
        assertFails(get("tls://localhost:1", "--ca", path("nope")), 1, path("nope") + ": no such file");
        assertFails(get("tls://localhost:1", "--ca", path("server.key")), 1, "expected a certificate");
        assertFails(
                get("tls://localhost:1", "--cert", path("server.crt"), "--key", path("client.key")),
                1,
                "does not belong");
    }

    @Test
    void shouldEndWithTwoWhenOptionsDoNotGoTogether() {
        assertUsage("--cert needs --key", TCP, "--cert", path("server.crt"));
        assertUsage("--key needs --cert", TCP, "--key", path("server.key"));
        assertUsage("--client-ca is for addresses that begin with tls", "tcp://127.0.0.1:0", "--client-ca", "x");
        assertUsage("--tls-optional is for addresses that begin with tls", "tcp://127.0.0.1:0", "--tls-optional");
        assertUsage("--client-ca would keep nobody out", TCP, "--tls-optional", "--client-ca", path("client.crt"));
        assertUsage(
                "--self-signed-out is for",
                TCP,
                "--self-signed-out",
                "x",
                "--cert",
                path("server.crt"),
                "--key",
                path("server.key"));
        assertFails(get("tcp://localhost:1", "--ca", "x"), 2, "nothing is encrypted there");
        assertFails(get("tcp://localhost:1", "--insecure"), 2, "--insecure is for addresses that begin with tls");
        assertFails(get("tls://localhost:1", "--insecure", "--ca", "x"), 2, "give one of the two");
        assertFails(get("tls://localhost:1", "--cert", "x"), 2, "--cert needs --key");
    }

    private void assertUsage(String text, String address, String... options) {
        assertFails(run(args(new String[] {"serve", "-r", root.toString(), "-l", address}, options)), 2, text);
    }

    @Test
    void shouldShowTheOptionsWhenAskedForHelp() {
        assertThat(run("serve", "--help").out())
                .contains("For addresses that begin with tls:", "--cert", "--client-ca", "--tls-optional");
        for (String command : List.of("get", "put", "call")) {
            assertThat(run(command, "--help").out())
                    .contains("For an address that begins with tls:", "--ca", "--server-name", "--insecure");
        }
    }
}
