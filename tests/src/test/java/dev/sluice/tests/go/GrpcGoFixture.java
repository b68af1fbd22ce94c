package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.tests.contract.Waiting;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A loop and channels, which are gone after each test, with no buffer left. */
abstract class GrpcGoFixture {
    final EventLoopGroup group = EventLoopGroup.of(1);
    private final List<ManagedChannel> channels = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    final void stop() throws Exception {
        for (ManagedChannel channel : channels) {
            assertThat(channel.shutdownNow().awaitTermination(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        group.close();
        assertThat(group.buffers().outstanding()).isEmpty();
    }

    final ManagedChannel channel(Endpoint endpoint) {
        ManagedChannel channel = Grpc.channelBuilder(endpoint, group).build();
        channels.add(channel);
        return channel;
    }

    /** Of calls that end, even if nobody answers. */
    static CallOptions limited() {
        return CallOptions.DEFAULT.withDeadlineAfter(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
