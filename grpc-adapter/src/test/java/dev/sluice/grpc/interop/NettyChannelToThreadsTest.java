package dev.sluice.grpc.interop;

import dev.sluice.grpc.GrpcServerOptions;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;

/** From the channel that most Java programs have. */
public class NettyChannelToThreadsTest extends InteropCases {
    public NettyChannelToThreadsTest() {
        super(tcp(), GrpcServerOptions.Driving.THREADS);
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return NettyChannelBuilder.forAddress("localhost", endpoint().port())
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }
}
