package dev.sluice.grpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.mux.SluiceServer;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** HTTP/2 as h2spec understands it, beside a server of grpc-okhttp's own: what it leaves undone, we cannot do. */
@Tag("any-jdk")
class H2SpecIT {
    private static final int SECONDS = 200;
    private static final Pattern SUMMARY =
            Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");
    /** Whether a client reads a GOAWAY in front of a reset is chance, for both servers. */
    private static final int CHANCE = 1;

    @Test
    void shouldFailNoMoreThanTheStockServer() throws Exception {
        GoProgram h2spec = GoProgram.install("github.com/summerwind/h2spec/cmd/h2spec", "v2.2.1+incompatible");
        int stockPassed;
        Server stock = OkHttpServerBuilder.forPort(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .build()
                .start();
        try {
            stockPassed = passed(h2spec, stock.getPort());
        } finally {
            stock.shutdownNow();
        }
        for (GrpcServerOptions.Driving driving : GrpcServerOptions.Driving.values()) {
            GrpcServerOptions options =
                    GrpcServerOptions.builder().driving(driving).build();
            try (SluiceServer server = SluiceServer.builder()
                    .listen(InteropCases.tcp())
                    .protocol(Grpc.serve(options, b -> {}))
                    .start()) {
                assertThat(passed(h2spec, server.endpoints().get(0).port()))
                        .as("driven by %s", driving)
                        .isGreaterThanOrEqualTo(stockPassed - CHANCE);
            }
        }
    }

    private static int passed(GoProgram h2spec, int port) throws Exception {
        GoProgram.Run run = h2spec.run(SECONDS, List.of("-h", "localhost", "-p", Integer.toString(port), "-o", "1"));
        Matcher summary = SUMMARY.matcher(run.output());
        assertThat(summary.find()).as(run.output()).isTrue();
        System.out.println("h2spec, port " + port + ": " + summary.group());
        return Integer.parseInt(summary.group(2));
    }
}
