package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The least that an echo server on the JDK's selector can do: what a framework on top of it adds is measured against this. No
 * back-pressure, no limits, one buffer for all: a peer that does not take its answers is an error.
 */
final class PlainNioEchoServer implements MeasuredServer {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(16 << 10);
    private final Selector selector;
    private final ServerSocketChannel listener;
    private final boolean unix;
    private final String endpoint;
    private final Thread thread;

    PlainNioEchoServer(String requested) throws IOException {
        SocketAddress address = Addresses.parse(requested);
        unix = address instanceof UnixDomainSocketAddress;
        selector = Selector.open();
        listener = ServerSocketChannel.open(unix ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET);
        listener.bind(address, 1024);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        endpoint = unix ? requested : "tcp://127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
        thread = new Thread(this::loop, "plain-nio");
        thread.setDaemon(true);
        thread.start();
    }

    private void loop() {
        try {
            while (selector.isOpen()) {
                selector.select(this::selected);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void selected(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else {
                echo(key);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() throws IOException {
        SocketChannel accepted = listener.accept();
        accepted.configureBlocking(false);
        if (!unix) {
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        accepted.register(selector, SelectionKey.OP_READ);
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            bytes.clear();
            if (channel.read(bytes) < 0) {
                channel.close();
                return;
            }
            channel.write(bytes.flip());
            if (bytes.hasRemaining()) {
                throw new IOException("the peer does not take its answers");
            }
        } catch (IOException e) {
            channel.close();
        }
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        selector.close();
    }
}
