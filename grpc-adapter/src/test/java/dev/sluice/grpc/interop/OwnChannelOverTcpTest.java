package dev.sluice.grpc.interop;

import dev.sluice.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;

/** From our own channel. */
public class OwnChannelOverTcpTest extends InteropCases {
    public OwnChannelOverTcpTest() {
        super(tcp());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return Grpc.channelBuilder(endpoint()).maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }
}
