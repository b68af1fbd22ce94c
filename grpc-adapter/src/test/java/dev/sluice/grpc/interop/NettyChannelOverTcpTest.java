package dev.sluice.grpc.interop;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;

/** From the channel that most Java programs have. */
public class NettyChannelOverTcpTest extends InteropCases {
    public NettyChannelOverTcpTest() {
        super(tcp());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return NettyChannelBuilder.forAddress("localhost", endpoint().port())
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }
}
