package dev.sluice.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.StatRequest;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatWithFileTest {
    @TempDir
    Path directory;

    @Test
    void shouldDownloadWithinTheCallThatTellsOfTheFile() throws Exception {
        byte[] content = new byte[1_000_000];
        new Random(1).nextBytes(content);
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.write(shared.resolve("file"), content);
        SidechannelRegistry sidechannels = new SidechannelRegistry();
        try (SluiceServer server = StatWithFile.start(Endpoint.parse("tcp://127.0.0.1:0"), shared)) {
            Endpoint address = server.endpoints().get(0);
            ManagedChannel channel = Grpc.channel(Backchannel.client(address, () -> List.of(sidechannels)));
            ManagedChannel plain = Grpc.channel(address);
            try {
                Path target = directory.resolve("got");
                assertThat(StatWithFile.download(channel, sidechannels, "file", target))
                        .isEqualTo(content.length);
                assertThat(target).hasBinaryContent(content);
                assertThatThrownBy(() -> StatWithFile.download(channel, sidechannels, "other", target))
                        .hasMessage("NOT_FOUND: no such file: other");
                assertThat(FileServiceGrpc.newBlockingStub(plain)
                                .stat(StatRequest.newBuilder().setPath("file").build())
                                .getSize())
                        .isEqualTo(content.length);
            } finally {
                channel.shutdownNow();
                plain.shutdownNow();
            }
        }
        assertThat(sidechannels.waiting()).isZero();
    }
}
