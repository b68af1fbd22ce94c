package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import io.grpc.Attributes;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.function.Consumer;

/**
 * A connection in the shape in which grpc-okhttp knows them. It has what that uses, and no socket within. Thread-safe as the
 * stream is.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing here needs the monitor
public final class ConnectionSocket extends Socket {
    /** The connection of a call. */
    public static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("dev.sluice.grpc.connection");

    private final ByteStream stream;
    private final GatheringOutput output;
    private final InputStream input;

    private ConnectionSocket(ByteStream stream, GatheringOutput output, InputStream input) throws SocketException {
        super((SocketImpl) null);
        this.stream = stream;
        this.output = output;
        this.input = input;
    }

    /** Returns the client's end of {@code stream}, which it owns from here on. */
    static ConnectionSocket client(ByteStream stream) {
        GatheringOutput output =
                new GatheringOutput(stream, Http2Preface.PREFACE.length, (length, type, flags, code) -> {});
        return create(stream, output, stream.inputStream());
    }

    /**
     * Returns the server's end of {@code stream}, which it owns from here on, and whose client is watched.
     *
     * @param breaches told what the client did, if that ends its connection
     */
    public static ConnectionSocket server(ByteStream stream, Consumer<Http2Breach> breaches) {
        FrameGuard guard = new FrameGuard(stream.connection().loop()::nanoTime);
        GatheringOutput output =
                new GatheringOutput(stream, 0, (length, type, flags, code) -> guard.sent(type, flags, code));
        return create(stream, output, new GuardedInput(stream, output, guard, breaches));
    }

    private static ConnectionSocket create(ByteStream stream, GatheringOutput output, InputStream input) {
        try {
            return new ConnectionSocket(stream, output, input);
        } catch (SocketException e) {
            throw new IllegalStateException("a socket that does not exist cannot fail", e);
        }
    }

    Connection connection() {
        return stream.connection();
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return new ConnectionAddress(connection(), connection().remoteEndpoint());
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return new ConnectionAddress(connection(), connection().localEndpoint());
    }

    @Override
    public void close() {
        stream.close();
        output.discard();
    }

    @Override
    public boolean isClosed() {
        return !stream.isOpen();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // The endpoint's option decides; it is on unless asked otherwise.
    }

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setSoTimeout(int timeout) {
        // Reads wait without limit: gRPC's keep-alive notices a peer that is gone.
    }

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public boolean getKeepAlive() {
        return false;
    }

    @Override
    public boolean getReuseAddress() {
        return false;
    }

    @Override
    public boolean getOOBInline() {
        return false;
    }

    @Override
    public int getReceiveBufferSize() {
        return 0;
    }

    @Override
    public int getSendBufferSize() {
        return 0;
    }

    @Override
    public int getTrafficClass() {
        return 0;
    }

    @Override
    public String toString() {
        return connection().toString();
    }
}
