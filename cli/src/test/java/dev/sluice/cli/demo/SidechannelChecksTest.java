package dev.sluice.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SidechannelChecksTest {
    private static final int BYTES = 100_000;

    @TempDir
    Path directory;

    private Site site;

    @BeforeEach
    void createData() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        DemoData data = DemoData.create(root.resolve("data"), BYTES, new SplittableRandom(1));
        site = new Site(data, root, directory.resolve("received"));
    }

    private List<Check> run(SidechannelBlobs service) throws Exception {
        List<Check> checks = new ArrayList<>();
        try (SluiceServer server = SluiceServer.builder()
                        .listen(Endpoint.memory(directory.toString()))
                        .protocol(Grpc.serve(b -> b.addService(service)))
                        .protocol(Backchannel.serve(new PeerRegistry()))
                        .start();
                SidechannelChecks sidechannels =
                        new SidechannelChecks(server.endpoints().get(0), server.group(), site)) {
            sidechannels.run(checks::add);
        }
        return checks;
    }

    @Test
    void shouldFindAllRightAndLeaveNothingBehind() throws Exception {
        assertThat(run(new SidechannelBlobs(site.data().file(), site.written())))
                .allMatch(Check::ok)
                .extracting(check -> check.name() + " " + check.bytes())
                .containsExactly("sidechannel-get " + BYTES, "sidechannel-put " + BYTES);
        assertThat(site.received()).doesNotExist();
        assertThat(site.written()).doesNotExist();
    }

    @Test
    void shouldFailWhenOtherBytesArrive() throws Exception {
        DemoData other = DemoData.create(directory.resolve("other"), BYTES, new SplittableRandom(2));

        assertThat(run(new SidechannelBlobs(other.file(), site.written())))
                .extracting(Check::ok)
                .containsExactly(false, true);
    }

    @Test
    void shouldFailWhenTheServerCannotStoreWhatItGets() throws Exception {
        Path nowhere = directory.resolve("no/such/directory");

        assertThat(run(new SidechannelBlobs(site.data().file(), nowhere)))
                .extracting(check -> check.error().orElse("ok"))
                .satisfiesExactly(
                        get -> assertThat(get).isEqualTo("ok"),
                        put -> assertThat(put).startsWith("INTERNAL: "));
    }
}
