package dev.sluice.bench.file;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.NettyTransport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Netty sending a {@code DefaultFileRegion}, as its file server example does. */
final class NettyFileServer implements MeasuredServer {
    private final EventLoopGroup group;
    private final Channel channel;
    private final String endpoint;

    NettyFileServer(String requested, Path file, NettyTransport transport) {
        SocketAddress address = Addresses.parse(requested);
        boolean unix = address instanceof UnixDomainSocketAddress;
        group = transport.newGroup();
        channel = transport
                .bootstrap(group, unix)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(new Sender(file));
                    }
                })
                .bind(transport.address(address))
                .syncUninterruptibly()
                .channel();
        endpoint = unix ? requested : Addresses.format(channel.localAddress());
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Sender extends ChannelInboundHandlerAdapter {
        private final Path file;

        Sender(Path file) {
            this.file = file;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) throws Exception {
            context.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, Files.size(file)))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
