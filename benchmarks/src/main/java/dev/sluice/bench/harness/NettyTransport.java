package dev.sluice.bench.harness;

import io.netty.bootstrap.ServerBootstrap;
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
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Which of Netty's transports. */
public enum NettyTransport {
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

    NettyTransport(Class<? extends ServerChannel> tcp, Class<? extends ServerChannel> unix) {
        this.tcp = tcp;
        this.unix = unix;
    }

    /** Returns which Netty this is. */
    public static String version() {
        Version version = Version.identify().get("netty-transport");
        return version == null ? "unknown" : version.artifactVersion();
    }

    abstract IoHandlerFactory io();

    SocketAddress unixAddress(String path) {
        return new DomainSocketAddress(path);
    }

    /** Returns a bootstrap for one loop thread on this transport. */
    public ServerBootstrap bootstrap(EventLoopGroup group, boolean unixSocket) {
        return new ServerBootstrap().group(group).channel(unixSocket ? unix : tcp);
    }

    /** Gives Netty an address of the machine, or it warns where there is no network card. */
    public static void nameMachine() {
        System.setProperty("io.netty.machineId", "02:00:00:00:00:00");
    }

    /** Returns a group of one loop thread. */
    public EventLoopGroup newGroup() {
        nameMachine();
        return new MultiThreadIoEventLoopGroup(1, io());
    }

    /** Returns {@code address} as this transport wants it. */
    public SocketAddress address(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress ? unixAddress(address.toString()) : address;
    }
}
