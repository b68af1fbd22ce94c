package dev.sluice.samples.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.sluice.samples.volumes.VolumeRouter.Routed;
import io.grpc.StatusException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VolumeRouterTest {
    private final VolumeRouter router = new VolumeRouter(Map.of("c", List.of("writer", "reader")));

    private static Volume volume(String cluster, String name) {
        return Volume.newBuilder().setCluster(cluster).setName(name).build();
    }

    @Test
    void shouldSendReadsAndWritesToTheirNodes() throws Exception {
        CloneVolumeRequest clone = CloneVolumeRequest.newBuilder()
                .setVolume(volume("c", "new"))
                .setSource(volume("c", "old"))
                .build();
        ListVolumesRequest list =
                ListVolumesRequest.newBuilder().setCluster("c").build();

        Routed write = router.route("/volumes.VolumeService/CloneVolume", clone.toByteString());
        Routed read = router.route("/volumes.VolumeService/ListVolumes", list.toByteString());

        assertThat(write.node()).isEqualTo("writer");
        assertThat(CloneVolumeRequest.parseFrom(write.request()))
                .isEqualTo(CloneVolumeRequest.newBuilder()
                        .setVolume(volume("writer", "new"))
                        .setSource(volume("writer", "old"))
                        .build());
        assertThat(read.node()).isEqualTo("reader");
        assertThat(ListVolumesRequest.parseFrom(read.request()).getCluster()).isEqualTo("reader");
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        assertThatThrownBy(() -> router.route("/volumes.VolumeService/Nope", ByteString.EMPTY))
                .isInstanceOf(StatusException.class)
                .hasMessage("UNIMPLEMENTED: full method name not found: /volumes.VolumeService/Nope");
    }

    @Test
    void shouldSayNotFoundWhenNobodyKnowsTheCluster() {
        ByteString list =
                ListVolumesRequest.newBuilder().setCluster("x").build().toByteString();
        assertThatThrownBy(() -> router.route("/volumes.VolumeService/ListVolumes", list))
                .isInstanceOf(StatusException.class)
                .hasMessage("NOT_FOUND: no cluster is called 'x'");
    }
}
