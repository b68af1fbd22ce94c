package dev.sluice.grpc.interop;

import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.GrpcServerOptions;
import io.grpc.ManagedChannelBuilder;

/** From our own channel to connections that have threads. */
public class OwnChannelToThreadsTest extends InteropCases {
    public OwnChannelToThreadsTest() {
        super(tcp(), GrpcServerOptions.Driving.THREADS);
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return Grpc.channelBuilder(endpoint()).maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }
}
