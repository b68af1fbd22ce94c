package dev.sluice.grpc.interop;

import dev.sluice.grpc.Grpc;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.ManagedChannelBuilder;

/** From our own channel, over TLS. */
public class OwnChannelOverTlsTest extends InteropCases {
    private static final Tls CLIENT =
            Tls.clientBuilder().trust(Trust.of(IDENTITY.certificate())).build();

    public OwnChannelOverTlsTest() {
        super(tls());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return Grpc.channelBuilder(endpoint().with(CLIENT)).maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }
}
