package dev.sluice.nio.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.nio.PooledBuffer;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
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
    private final SendfileLease sendfileLease;

    SocketConnection(EventLoop loop, SocketKind kind, SocketChannel channel, Endpoint local, Endpoint remote) {
        super(loop, local, remote);
        this.kind = kind;
        this.channel = channel;
        this.sendfileLease = new SendfileLease(channel);
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
        return kind.isOfPlatform() ? channel.write(srcs, offset, length) : writeEach(srcs, offset, length);
    }

    /** jnr's gathering write takes the length for the end index: it forgets buffers when the offset is not 0. */
    private long writeEach(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += channel.write(srcs[i]);
            if (srcs[i].hasRemaining()) {
                break;
            }
        }
        return total;
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
        if (!abortive) {
            sendfileLease.close();
            return;
        }
        if (kind == SocketKind.TCP && channel.isOpen()) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0); // the peer sees a reset
        }
        sendfileLease.cut();
    }

    /**
     * Closes after the threads are done, none being within a call. Input that they left unread, or that comes after the
     * close, would make the kernel throw away what they wrote last and send a reset; so unless the peer has ended its
     * direction, this reads on for a while.
     */
    void closeAfterThreads() {
        if (state() == ConnectionState.CLOSED) {
            return;
        }
        try {
            channel.configureBlocking(false);
            if (hasInputEnded()) {
                close();
                return;
            }
            loop().register(channel, 0, this);
            takeBack(LingeringClose.create());
        } catch (CancelledKeyException e) {
            loop().post(this::closeAfterThreads); // the selector forgets the channel's former key within a turn
        } catch (IOException e) {
            close(); // gone already
        }
    }

    private boolean hasInputEnded() throws IOException {
        PooledBuffer probe = loop().buffers().acquire(1);
        try {
            return channel.read(probe.buffer()) < 0;
        } finally {
            probe.release();
        }
    }

    SocketKind kind() {
        return kind;
    }

    @Override
    protected ByteStream newByteStream() throws IOException {
        if (!kind.isOfPlatform()) {
            return super.newByteStream();
        }
        deregister();
        channel.configureBlocking(true);
        RetiredMappings retired = RetiredMappings.of(loop().group());
        FileSender files = new FileSender(this, channel, sendfileLease, kind.filePaths(), retired);
        SocketByteStream stream = new SocketByteStream(this, channel, files, takeUnread());
        handOver(stream);
        return stream;
    }
}
