package dev.sluice.grpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import io.grpc.ServerInterceptors;
import io.grpc.testing.integration.TestServiceImpl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The interoperability cases of gRPC's Go implementation, from its own client. */
class GoClientIT {
    private static final ScheduledExecutorService EXECUTOR = Executors.newScheduledThreadPool(2);
    private static final int SECONDS = 60;

    @TempDir
    private static Path folder;

    private static GoProgram client;
    private static SluiceServer server;

    @BeforeAll
    static void start() throws Exception {
        client = GoProgram.install("google.golang.org/grpc/interop/client", "v1.85.0");
        server = SluiceServer.builder()
                .listen(InteropCases.tcp())
                .listen(InteropCases.tls())
                .protocol(Grpc.serve(b -> b.addService(
                        ServerInterceptors.intercept(new TestServiceImpl(EXECUTOR), TestServiceImpl.interceptors()))))
                .start();
        Files.writeString(
                folder.resolve("ca.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        InteropCases.IDENTITY.certificate().getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        EXECUTOR.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty_unary",
                "large_unary",
                "client_streaming",
                "server_streaming",
                "ping_pong",
                "empty_stream",
                "timeout_on_sleeping_server",
                "cancel_after_begin",
                "cancel_after_first_response",
                "status_code_and_message",
                "special_status_message",
                "custom_metadata",
                "unimplemented_method",
                "unimplemented_service"
            })
    void shouldPass(String testCase) throws Exception {
        shouldPass(testCase, 0, List.of());
        shouldPass(
                testCase,
                1,
                List.of(
                        "-use_tls",
                        "-use_test_ca",
                        "-ca_file",
                        folder.resolve("ca.pem").toString()));
    }

    private static void shouldPass(String testCase, int listener, List<String> more) throws Exception {
        int port = server.endpoints().get(listener).port();
        List<String> arguments = new ArrayList<>(
                List.of("-server_host", "localhost", "-server_port", Integer.toString(port), "-test_case", testCase));
        arguments.addAll(more);
        GoProgram.Run run = client.run(SECONDS, arguments);
        assertThat(run.exitCode()).as(run.output()).isZero();
    }
}
