package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client of another make, against {@code sluice serve}. */
class GrpcurlIT {
    @TempDir
    private static Path directory;

    private static Commands.Running serve;

    /** The way to the server, as grpcurl has it. */
    private enum Wire {
        TCP,
        TLS,
        UNIX;

        List<String> arguments() {
            return switch (this) {
                case TCP -> List.of("-plaintext", hostAndPort("tcp://"));
                case TLS -> List.of("-cacert", directory.resolve("server.crt").toString(), hostAndPort("tls://"));
                case UNIX -> List.of("-plaintext", "unix://" + directory.resolve("s"));
            };
        }

        private static String hostAndPort(String scheme) {
            return serve.addresses().stream()
                    .filter(address -> address.startsWith(scheme))
                    .findFirst()
                    .orElseThrow()
                    .substring(scheme.length());
        }
    }

    @BeforeAll
    static void serve() throws Exception {
        Grpcurl.install();
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.writeString(root.resolve("file"), "123456789");
        serve = new Commands.Running(
                "serve",
                "--root",
                root.toString(),
                "-l",
                "tcp://127.0.0.1:0",
                "-l",
                "tls://127.0.0.1:0",
                "-l",
                "unix://" + directory.resolve("s"),
                "--self-signed-out",
                directory.resolve("server.crt").toString());
        await().until(() -> serve.addresses().size() == 3);
    }

    @AfterAll
    static void stop() {
        if (serve != null) {
            assertThat(serve.interrupt()).isZero();
        }
    }

    private static Commands.Result grpcurl(Wire wire, String option, String value, String... rest)
            throws IOException, InterruptedException {
        Stream<String> options = value.isEmpty() ? Stream.of() : Stream.of(option, value);
        return Grpcurl.run(Stream.of(options, wire.arguments().stream(), Stream.of(rest))
                .flatMap(part -> part)
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void shouldListWhatTheServerOffers(Wire wire) throws Exception {
        Commands.Result list = grpcurl(wire, "", "", "list");

        assertThat(list.err()).isEmpty();
        assertThat(list.out().lines())
                .containsExactly(
                        "gitaly.TestStreamService",
                        "grpc.health.v1.Health",
                        "grpc.reflection.v1.ServerReflection",
                        "grpc.reflection.v1alpha.ServerReflection",
                        "sluice.files.v1.FileMessageService",
                        "sluice.files.v1.FileService",
                        "sluice.interop.CallService");
    }

    @ParameterizedTest
    @EnumSource
    void shouldHearThatTheServerServes(Wire wire) throws Exception {
        Commands.Result check = grpcurl(wire, "", "", "grpc.health.v1.Health/Check");

        assertThat(check.err()).isEmpty();
        assertThat(check.out()).contains("\"status\": \"SERVING\"");
    }

    @ParameterizedTest
    @EnumSource
    void shouldCallWhatIsUnaryOfTheFileService(Wire wire) throws Exception {
        String request = "{\"path\": \"file\", \"checksum\": true}";

        Commands.Result stat = grpcurl(wire, "-d", request, "sluice.files.v1.FileService/Stat");
        Commands.Result get = grpcurl(wire, "-d", "{\"path\": \"file\"}", "sluice.files.v1.FileService/Get");

        assertThat(stat.out()).contains("\"size\": \"9\"", "\"crc32c\": " + Integer.toUnsignedString(0xe3069283));
        assertThat(get.err()).contains("Code: Unimplemented", "call it by StreamRPC");
    }
}
