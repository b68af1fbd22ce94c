package dev.sluice.bench.echo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.Version;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** Netty's echo server as its own example writes it, on its NIO or its epoll transport, with its default allocator. */
final class NettyEchoServer implements EchoServer {
    /** Which of Netty's transports. */
    enum Transport {
        /** The JDK's selector. */
        NIO(NioServerSocketChannel.class, NioServerDomainSocketChannel.class) {
            @Override
            IoHandlerFactory io() {
                return NioIoHandler.newFactory();
            }

            @Override
            SocketAddress unixAddress(String path) {
                return UnixDomainSocketAddress.of(path);
            }
        },
        /** Native epoll. */
        EPOLL(EpollServerSocketChannel.class, EpollServerDomainSocketChannel.class) {
            @Override
            IoHandlerFactory io() {
                return EpollIoHandler.newFactory();
            }
        },
        /** Native epoll that never sleeps. */
        EPOLL_BUSY(EpollServerSocketChannel.class, EpollServerDomainSocketChannel.class) {
            @Override
            IoHandlerFactory io() {
                return EpollIoHandler.newFactory(0, () -> (selectNow, hasTasks) -> SelectStrategy.BUSY_WAIT);
            }
        };

        private final Class<? extends ServerChannel> tcp;
        private final Class<? extends ServerChannel> unix;

        Transport(Class<? extends ServerChannel> tcp, Class<? extends ServerChannel> unix) {
            this.tcp = tcp;
            this.unix = unix;
        }

        abstract IoHandlerFactory io();

        SocketAddress unixAddress(String path) {
            return new DomainSocketAddress(path);
        }
    }

    private final EventLoopGroup group;
    private final Channel channel;
    private final String endpoint;

    NettyEchoServer(String requested, Transport transport) throws IOException {
        System.setProperty("io.netty.machineId", "02:00:00:00:00:00"); // or it warns where there is no network card
        SocketAddress address = EchoAddress.parse(requested);
        boolean unix = address instanceof UnixDomainSocketAddress;
        group = new MultiThreadIoEventLoopGroup(1, transport.io());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(unix ? transport.unix : transport.tcp)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new EchoInitializer());
        if (unix) {
            channel = bootstrap
                    .bind(transport.unixAddress(address.toString()))
                    .syncUninterruptibly()
                    .channel();
            endpoint = requested;
        } else {
            bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
            channel = bootstrap.bind(address).syncUninterruptibly().channel();
            endpoint = "tcp://127.0.0.1:" + ((InetSocketAddress) channel.localAddress()).getPort();
        }
    }

    /** Returns which Netty this is. */
    static String version() {
        Version version = Version.identify().get("netty-transport");
        return version == null ? "unknown" : version.artifactVersion();
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
