package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of {@code sluice serve}. */
class ObservedServeTest {
    private static final String METRICS_AT = "metrics at ";

    @TempDir
    Path root;

    private final Logger accessLog = Logger.getLogger("dev.sluice.grpc.AccessLog");
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line.getMessage());
        }

        @Override
        public void flush() {
            // Holds nothing back.
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    };
    private Commands.Running serve;

    @BeforeEach
    void serve() throws IOException {
        accessLog.addHandler(handler);
        Files.writeString(root.resolve("file"), "content");
        serve = new Commands.Running(
                "serve",
                "-r",
                root.toString(),
                "-l",
                "tcp://127.0.0.1:0",
                "--metrics",
                "tcp://127.0.0.1:0",
                "--access-log");
        await().until(() -> serve.addresses().size() == 1);
    }

    @AfterEach
    void stopServing() {
        assertThat(serve.interrupt()).isZero();
        accessLog.removeHandler(handler);
    }

    private URI metricsUrl() {
        return serve.out()
                .lines()
                .filter(line -> line.startsWith(METRICS_AT))
                .map(line -> URI.create(line.substring(METRICS_AT.length())))
                .findFirst()
                .orElseThrow();
    }

    private static HttpResponse<String> request(String method, URI url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(url)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String scrape() throws Exception {
        HttpResponse<String> response = request("GET", metricsUrl());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        return response.body();
    }

    private void getTheFile() {
        assertThat(run("get", serve.addresses().get(0), "file", "-o", "-").out())
                .isEqualTo("content");
    }

    @Test
    void shouldTellPrometheusOfCallsAndConnections() throws Exception {
        getTheFile();
        await().untilAsserted(() -> assertThat(scrape())
                .containsPattern("grpc_server_handled_total\\{grpc_code=\"OK\",grpc_method=\"Get\",grpc_service="
                        + "\"sluice.files.v1.FileService\",grpc_type=\"unary\"} 1.0")
                .contains(
                        "sluice_connections_closed_total{protocol=\"streamrpc00\",reason=\"closed\",wire=\"tcp\"} 1.0")
                .containsPattern("grpc_server_handling_seconds_bucket\\{.*grpc_method=\"Get\".*le=\"\\+Inf\"} 1"));
        assertThat(scrape())
                .contains("grpc_server_started_total{")
                .contains("sluice_connections_accepted_total{wire=\"tcp\"} 1.0")
                .contains("sluice_connections_open{protocol=\"grpc\",wire=\"tcp\"} 0.0")
                .containsPattern(
                        "sluice_connections_received_bytes_total\\{protocol=\"streamrpc00\",wire=\"tcp\"} [1-9]")
                .contains("sluice_detections_total{outcome=\"streamrpc00\"} 1.0")
                .contains("sluice_handshake_seconds_count{step=\"detection\",wire=\"tcp\"} 1")
                .contains("sluice_buffers_lent_limit_bytes ")
                .contains("sluice_loop_slow_turns_total{loop=\"0\"}")
                .contains("sluice_grpc_breaches_total{breach=\"resets_received\"} 0.0");
    }

    @Test
    void shouldTellPrometheusOfSessionsAndTheirStreams() throws Exception {
        assertThat(run(
                                "call",
                                serve.addresses().get(0),
                                "sluice.interop.CallService/CallBack",
                                "{\"question\": \"x\"}",
                                "--backchannel")
                        .out())
                .contains("sluice votes on x");
        await().untilAsserted(() -> assertThat(scrape())
                .contains(
                        "sluice_connections_closed_total{protocol=\"backchannel\",reason=\"closed\",wire=\"tcp\"} 1.0")
                .contains("sluice_connections_open{protocol=\"backchannel\",wire=\"tcp\"} 0.0")
                .contains("sluice_connections_accepted_total{wire=\"backchannel\"} 1.0")
                .contains("sluice_detections_total{outcome=\"backchannel\"} 1.0")
                .contains("sluice_backchannel_joined_total 1.0")
                .contains("sluice_backchannel_peers 0.0")
                .containsPattern("grpc_server_handled_total\\{grpc_code=\"OK\",grpc_method=\"CallBack\",.*} 1.0"));
    }

    @Test
    void shouldAnswerNothingButTheMetrics() throws Exception {
        assertThat(request("GET", metricsUrl().resolve("/metrics/more")).statusCode())
                .isEqualTo(404);
        assertThat(request("POST", metricsUrl()).statusCode()).isEqualTo(405);
        HttpResponse<String> head = request("HEAD", metricsUrl());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void shouldLogACall() {
        getTheFile();
        await().untilAsserted(() -> assertThat(logged)
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("wire=tcp")
                        .contains("method=sluice.files.v1.FileService/Get")
                        .contains("code=OK")
                        .containsPattern("correlation=[0-9a-f]{32}")));
    }

    @Test
    void shouldSayWhatToDoWhenMetricsCannotBeServed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "tcp://127.0.0.1:" + taken.getLocalPort();
            assertFails(
                    run("serve", "-r", root.toString(), "-l", "memory:observed", "--metrics", address),
                    1,
                    "choose another address by --metrics");
        }
        assertFails(run("serve", "--metrics", "unix:///tmp/s"), 2, "metrics are told at an address of tcp:// only");
    }
}
