package dev.sluice.nio.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.PeerCredentials;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/** A TCP or Unix socket of the platform. */
final class SocketConnection extends SelectableConnection {
    private final SocketChannel channel;
    private final SocketKind kind;

    SocketConnection(EventLoop loop, SocketKind kind, SocketChannel channel, Endpoint local, Endpoint remote) {
        super(loop, local, remote);
        this.kind = kind;
        this.channel = channel;
    }

    @Override
    SelectableChannel channel() {
        return channel;
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        if (!channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return Optional.empty();
        }
        try {
            var peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            UserPrincipal user = peer.user();
            GroupPrincipal group = peer.group();
            return Optional.of(new PeerCredentials(user.getName(), group.getName()));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty(); // closed by now, or not a Unix socket
        }
    }

    @Override
    protected int readSome(ByteBuffer dst) throws IOException {
        return channel.read(dst);
    }

    @Override
    protected int writeSome(ByteBuffer src) throws IOException {
        return channel.write(src);
    }

    @Override
    protected long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException {
        return channel.write(srcs, offset, length);
    }

    /** On a non-blocking socket sendfile takes what fits; a mapping would be made in vain for all that does not. */
    @Override
    protected long sendSome(FileChannel src, long position, int count) throws IOException {
        long sent = src.transferTo(position, count, channel);
        return sent == 0 && position >= src.size() ? -1 : sent;
    }

    @Override
    protected void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    protected void release(boolean abortive) throws IOException {
        if (abortive && kind == SocketKind.TCP && channel.isOpen()) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0); // the peer sees a reset
        }
        channel.close();
    }

    @Override
    protected ByteStream newByteStream() throws IOException {
        deregister();
        channel.configureBlocking(true);
        SocketByteStream stream = new SocketByteStream(this, channel, kind.filePaths(), takeUnread());
        handOver(stream);
        return stream;
    }
}
