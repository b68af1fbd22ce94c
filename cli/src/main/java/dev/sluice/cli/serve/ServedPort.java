package dev.sluice.cli.serve;

import dev.sluice.cli.echo.EchoServer;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.cli.interop.CallServer;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.Protocol;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.stream.Stream;

/**
 * What every port of {@code sluice serve} offers: files and echo by StreamRPC, and by gRPC what of them is unary and the files as
 * streams of messages, with a service that calls clients back, health, reflection and, if wanted, channelz. Both also over the sessions of
 * clients that can be called back. The same interceptors stand before both. Thread-safe.
 */
public final class ServedPort {
    private static final int CHANNELZ_PAGE_SIZE = 100;

    private final FileServer files;
    private final EchoServer echo;
    private final List<ServerInterceptor> interceptors;
    private final boolean channelz;
    private final HealthStatusManager health = new HealthStatusManager();
    private final PeerRegistry peers = new PeerRegistry();

    /**
     * @param files stays the caller's
     * @param interceptors for every call of either kind; as in gRPC, the last one runs first
     * @param channelz whether to tell clients of the sockets and calls of this process
     */
    public ServedPort(FileServer files, FileRoot root, List<ServerInterceptor> interceptors, boolean channelz) {
        this.files = files;
        this.echo = new EchoServer(root);
        this.interceptors = List.copyOf(interceptors);
        this.channelz = channelz;
    }

    /** Returns the protocols for one server. */
    public List<Protocol> protocols() {
        return List.of(streamRpc(), grpc(), Backchannel.serve(peers));
    }

    /** Returns the clients that can be called back now. */
    public PeerRegistry peers() {
        return peers;
    }

    private Protocol streamRpc() {
        return StreamRpc.serve(s -> {
            s.addService(files).addService(echo);
            interceptors.forEach(s::intercept);
        });
    }

    private Protocol grpc() {
        List<ServerServiceDefinition> services = Stream.concat(
                        files.overGrpc().stream(), Stream.of(echo.bindService(), new CallServer().bindService()))
                .toList();
        services.forEach(
                service -> health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING));
        return Grpc.serve(b -> {
            services.forEach(b::addService);
            b.addService(health.getHealthService());
            b.addService(ProtoReflectionServiceV1.newInstance());
            b.addService(olderReflection());
            if (channelz) {
                b.addService(ChannelzService.newInstance(CHANNELZ_PAGE_SIZE));
            }
            b.intercept(new StreamMethods()); // behind the others
            interceptors.forEach(b::intercept);
        });
    }

    /** Deprecated in favour of its successor, but what many clients still ask. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
    }

    /** Says to those who ask for the health that nothing is served any more. To be called before the server stops. */
    public void stopping() {
        health.enterTerminalState();
    }
}
