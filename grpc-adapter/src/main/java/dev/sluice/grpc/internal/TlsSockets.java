package dev.sluice.grpc.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocketFactory;

/**
 * Shows grpc-okhttp that a connection is over TLS already, so that it says {@code https}, sends credentials that demand privacy, and tells
 * interceptors the session. The handshake, and whom to trust, are the endpoint's. Stateless.
 */
public final class TlsSockets extends SSLSocketFactory {
    @Override
    public Socket createSocket(Socket below, String host, int port, boolean autoClose) throws IOException {
        ConnectionSocket socket = (ConnectionSocket) below;
        Optional<SSLSession> session = socket.connection().tlsSession();
        if (session.isEmpty()) {
            socket.close();
            throw new IOException(socket + ": the endpoint's layer made no TLS session");
        }
        return new TlsSocket(socket, session.get());
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("only over a connection");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        return createSocket(host.getHostName(), port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        return createSocket(address, port);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return new String[0];
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return new String[0];
    }
}
