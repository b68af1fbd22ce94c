package dev.sluice.grpc.interop;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.UncheckedIOException;
import javax.net.ssl.SSLException;

/** From the channel that most Java programs have, over TLS. */
public class NettyChannelOverTlsTest extends InteropCases {
    public NettyChannelOverTlsTest() {
        super(tls());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        try {
            return NettyChannelBuilder.forAddress("localhost", endpoint().port())
                    .sslContext(GrpcSslContexts.forClient()
                            .trustManager(IDENTITY.certificate())
                            .build())
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES);
        } catch (SSLException e) {
            throw new UncheckedIOException(e);
        }
    }
}
