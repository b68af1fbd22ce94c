package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** Netty's echo server as its own example writes it, on its NIO or its epoll transport, with its default allocator. */
final class NettyEchoServer implements MeasuredServer {
    private final EventLoopGroup group;
    private final Channel channel;
    private final String endpoint;

    NettyEchoServer(String requested, NettyTransport transport) throws IOException {
        SocketAddress address = Addresses.parse(requested);
        boolean unix = address instanceof UnixDomainSocketAddress;
        group = transport.newGroup();
        ServerBootstrap bootstrap = transport
                .bootstrap(group, unix)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new EchoInitializer());
        if (!unix) {
            bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
        }
        channel =
                bootstrap.bind(transport.address(address)).syncUninterruptibly().channel();
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

    private static final class EchoInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel accepted) {
            accepted.pipeline().addLast(new Echo());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // failures reach exceptionCaught
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        /** The same back-pressure that the other servers have. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the client went away
        }
    }
}
