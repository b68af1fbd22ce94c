package dev.sluice.grpc.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A connection whose TLS handshake is through. What one would set for a handshake to come is accepted and means nothing. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing here needs the monitor
final class TlsSocket extends SSLSocket {
    /** The only protocol that this is used for; that the peer speaks it shows in its first frame. */
    private static final String APPLICATION_PROTOCOL = "h2";

    private final ConnectionSocket socket;
    private final SSLSession session;

    TlsSocket(ConnectionSocket socket, SSLSession session) {
        this.socket = socket;
        this.session = session;
    }

    @Override
    public SSLSession getSession() {
        return session;
    }

    @Override
    public SSLSession getHandshakeSession() {
        return session;
    }

    @Override
    public String getApplicationProtocol() {
        return APPLICATION_PROTOCOL;
    }

    @Override
    public InputStream getInputStream() {
        return socket.getInputStream();
    }

    @Override
    public OutputStream getOutputStream() {
        return socket.getOutputStream();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return socket.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return socket.getLocalSocketAddress();
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        socket.setTcpNoDelay(on);
    }

    @Override
    public void setSoTimeout(int timeout) {
        socket.setSoTimeout(timeout);
    }

    @Override
    public int getSoTimeout() {
        return socket.getSoTimeout();
    }

    @Override
    public int getSoLinger() {
        return socket.getSoLinger();
    }

    @Override
    public boolean getTcpNoDelay() {
        return socket.getTcpNoDelay();
    }

    @Override
    public boolean getKeepAlive() {
        return socket.getKeepAlive();
    }

    @Override
    public boolean getReuseAddress() {
        return socket.getReuseAddress();
    }

    @Override
    public boolean getOOBInline() {
        return socket.getOOBInline();
    }

    @Override
    public int getReceiveBufferSize() {
        return socket.getReceiveBufferSize();
    }

    @Override
    public int getSendBufferSize() {
        return socket.getSendBufferSize();
    }

    @Override
    public int getTrafficClass() {
        return socket.getTrafficClass();
    }

    @Override
    public void startHandshake() {
        // It is through.
    }

    @Override
    public SSLParameters getSSLParameters() {
        return new SSLParameters(getEnabledCipherSuites(), getEnabledProtocols());
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        // Too late.
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return getEnabledCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return new String[] {session.getCipherSuite()};
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        // Too late.
    }

    @Override
    public String[] getSupportedProtocols() {
        return getEnabledProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return new String[] {session.getProtocol()};
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        // Too late.
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
        throw new UnsupportedOperationException("the handshake is through");
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
        throw new UnsupportedOperationException("the handshake is through");
    }

    @Override
    public boolean getUseClientMode() {
        return true;
    }

    @Override
    public void setUseClientMode(boolean mode) {
        // Too late.
    }

    @Override
    public boolean getNeedClientAuth() {
        return false;
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        // Too late.
    }

    @Override
    public boolean getWantClientAuth() {
        return false;
    }

    @Override
    public void setWantClientAuth(boolean want) {
        // Too late.
    }

    @Override
    public boolean getEnableSessionCreation() {
        return false;
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        // Too late.
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
