package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.cli.serve.ServedPort;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sluice serve} offers, to clients in Go. */
class ServedPortGoIT {
    @TempDir
    private Path root;

    private List<Map<String, String>> findings(String... scenarios) throws Exception {
        FileRoot files = FileRoot.of(root);
        try (FileServer fileServer = FileServer.of(files)) {
            SluiceServer.Builder builder = SluiceServer.builder().listen(Endpoint.tcp("127.0.0.1", 0));
            new ServedPort(fileServer, files, List.of(), false).protocols().forEach(builder::protocol);
            try (SluiceServer server = builder.start()) {
                List<String> arguments = new ArrayList<>(
                        List.of("call", "-dial", server.endpoints().get(0).toString()));
                arguments.addAll(List.of(scenarios));
                try (GoPeer client = GoPeers.start(arguments.toArray(String[]::new))) {
                    return client.findings();
                }
            }
        }
    }

    @Test
    void shouldOpenSidechannelsToGoClients() throws Exception {
        assertThat(findings("sidechannel-digest 0", "sidechannel-digest 1000000", "sidechannel-echo 1000000"))
                .hasSize(3);
    }

    @Test
    void shouldServeAndCallBackGoClients() throws Exception {
        assertThat(findings("health", "health sluice.interop.CallService", "echo 100000", "backchannel 25 25 4"))
                .extracting(finding -> finding.getOrDefault("status", finding.getOrDefault("votes", "echo")))
                .containsExactly("SERVING", "SERVING", "echo", "100");
    }
}
