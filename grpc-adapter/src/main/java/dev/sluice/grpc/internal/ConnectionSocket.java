package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;

/**
 * A connection in the shape in which grpc-okhttp knows them. It has what that uses, and no socket within: what its options say is the
 * endpoint's matter.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing here needs the monitor
public abstract class ConnectionSocket extends Socket {
    private final Connection connection;

    ConnectionSocket(Connection connection) {
        this.connection = connection;
    }

    final Connection connection() {
        return connection;
    }

    @Override
    public abstract InputStream getInputStream();

    @Override
    public abstract OutputStream getOutputStream();

    @Override
    public abstract void close();

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return new ConnectionAddress(connection, connection.remoteEndpoint());
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return new ConnectionAddress(connection, connection.localEndpoint());
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
        return connection.toString();
    }
}
