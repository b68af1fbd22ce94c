package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.stream.MessageStreamException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Files as messages of gRPC. */
class GrpcFilesTest extends RemoteFilesContract {
    private final List<ManagedChannel> channels = new ArrayList<>();

    @Override
    RemoteFiles connect(Endpoint endpoint) {
        ManagedChannel channel = Grpc.channel(endpoint);
        channels.add(channel);
        return new GrpcFileClient(channel);
    }

    @Override
    void closeClients() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Override
    Status.Code codeOfRefusal(Throwable failure) {
        assertThat(failure).isInstanceOf(MessageStreamException.class);
        return ((MessageStreamException) failure).status().getCode();
    }
}
