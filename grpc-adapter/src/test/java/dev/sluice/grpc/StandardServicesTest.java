package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.channelz.v1.Address;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.channelz.v1.GetServerRequest;
import io.grpc.channelz.v1.GetServerSocketsRequest;
import io.grpc.channelz.v1.GetServersRequest;
import io.grpc.channelz.v1.GetSocketRequest;
import io.grpc.channelz.v1.Server;
import io.grpc.channelz.v1.Socket;
import io.grpc.channelz.v1.SocketRef;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The services that come with gRPC, on a port of ours. */
class StandardServicesTest extends GrpcFixture {
    private final HealthStatusManager health = new HealthStatusManager();
    private final GrpcServer grpc = Grpc.serve(b -> b.addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(ChannelzService.newInstance(100)));
    private SluiceServer server;

    private ManagedChannel serve(Wire wire) throws Exception {
        server = start(listening(wire), grpc);
        return channel(reaching(wire, server));
    }

    /** Everything that a call brings, its end as a status. */
    private static final class Seen<T> implements StreamObserver<T> {
        private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T message) {
            events.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            events.add(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            events.add(Status.OK);
        }

        @SuppressWarnings("unchecked")
        T message() throws InterruptedException {
            return (T) events.poll(20, TimeUnit.SECONDS);
        }

        Status end() throws InterruptedException {
            return (Status) events.poll(20, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellHealthUntilAStopEndsTheWatch(Wire wire) throws Exception {
        ManagedChannel channel = serve(wire);
        HealthCheckRequest all = HealthCheckRequest.getDefaultInstance();
        assertThat(HealthGrpc.newBlockingStub(channel).check(all).getStatus()).isEqualTo(ServingStatus.SERVING);

        Seen<HealthCheckResponse> watch = new Seen<>();
        HealthGrpc.newStub(channel).watch(all, watch);
        assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.SERVING);
        health.enterTerminalState();
        assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);

        server.stop(Duration.ofMillis(100)); // nothing ends a watch but its client, so the limit does
        Status end = watch.end();
        assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(grpc.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldTellByReflectionWhatIsServed() throws Exception {
        Seen<ServerReflectionResponse> seen = new Seen<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(serve(Wire.TCP)).serverReflectionInfo(seen);
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        requests.onCompleted();

        assertThat(seen.message().getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains("grpc.health.v1.Health", "grpc.channelz.v1.Channelz");
        assertThat(seen.end().isOk()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void shouldListTheConnectionsOfTheServer(Wire wire) throws Exception {
        ManagedChannel channel = serve(wire);
        var channelz = ChannelzGrpc.newBlockingStub(channel);
        Server own = channelz.getServers(GetServersRequest.getDefaultInstance()).getServerList().stream()
                .reduce((earlier, later) -> later)
                .orElseThrow();
        long id = own.getRef().getServerId();
        assertThat(channelz.getServer(
                                GetServerRequest.newBuilder().setServerId(id).build())
                        .getServer()
                        .getData()
                        .getCallsStarted())
                .isEqualTo(2);

        List<SocketRef> sockets = channelz.getServerSockets(
                        GetServerSocketsRequest.newBuilder().setServerId(id).build())
                .getSocketRefList();
        assertThat(sockets).hasSize(1);
        Socket socket = channelz.getSocket(GetSocketRequest.newBuilder()
                        .setSocketId(sockets.get(0).getSocketId())
                        .build())
                .getSocket();
        Endpoint listening = server.endpoints().get(0);
        assertThat(textOf(socket.getLocal())).isEqualTo(listening.toString());
        assertThat(textOf(socket.getRemote())).startsWith(listening.scheme() + ":");
        assertThat(socket.getData().getStreamsStarted()).isEqualTo(4);
        assertThat(socket.getData().getMessagesReceived()).isEqualTo(4);
    }

    private static String textOf(Address address) {
        return address.getOtherAddress().getName();
    }
}
