package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Contender;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.NettyTransport;
import dev.sluice.nio.IdleStrategy;
import java.io.IOException;
import java.time.Duration;

/** The servers that are measured side by side. */
public enum EchoPeer implements Contender {
    SLUICE("sluice, block", false) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new SluiceEchoServer(endpoint, IdleStrategy.block());
        }
    },
    SLUICE_SPIN("sluice, spin 20 us", false) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new SluiceEchoServer(endpoint, IdleStrategy.spinThenBlock(Duration.ofNanos(20_000)));
        }
    },
    SLUICE_BUSY("sluice, busy-spin", false) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new SluiceEchoServer(endpoint, IdleStrategy.busySpin());
        }
    },
    NETTY_NIO("netty, nio", true) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new NettyEchoServer(endpoint, NettyTransport.NIO);
        }
    },
    NETTY_EPOLL("netty, epoll", true) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new NettyEchoServer(endpoint, NettyTransport.EPOLL);
        }
    },
    /** Not what ratios refer to: nobody's default. Shown beside our busy-spin. */
    NETTY_EPOLL_BUSY("netty, epoll busy", false) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new NettyEchoServer(endpoint, NettyTransport.EPOLL_BUSY);
        }
    },
    PLAIN_NIO("plain nio loop", false) {
        @Override
        MeasuredServer start(String endpoint) throws IOException {
            return new PlainNioEchoServer(endpoint);
        }
    };

    private final String label;
    private final boolean reference;

    EchoPeer(String label, boolean reference) {
        this.label = label;
        this.reference = reference;
    }

    abstract MeasuredServer start(String endpoint) throws IOException;

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean isReference() {
        return reference;
    }
}
