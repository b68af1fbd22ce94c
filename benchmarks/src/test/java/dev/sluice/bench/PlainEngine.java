package dev.sluice.bench;

import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** An engine that needs no handshake, encrypts nothing, and allocates nothing while records are of one size. */
final class PlainEngine extends SSLEngine {
    private static final int HEADER_BYTES = 5;
    private static final int MAX_FRAGMENT_BYTES = 1 << 14;

    /** For questions to which the answers do not matter. */
    private final SSLEngine real;

    private final SSLSession session;
    private SSLEngineResult last = result(0, 0);
    private boolean outboundDone;
    private boolean inboundDone;

    private PlainEngine(SSLEngine real) {
        this.real = real;
        session = real.getSession();
    }

    /** Returns a context whose engines are such. */
    static SSLContext context() throws NoSuchAlgorithmException {
        SSLContext real = SSLContext.getDefault();
        return new SSLContext(new Spi(real), real.getProvider(), "TLS") {};
    }

    private static SSLEngineResult result(int consumed, int produced) {
        return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, consumed, produced);
    }

    private SSLEngineResult ok(int consumed, int produced) {
        if (last.bytesConsumed() != consumed || last.bytesProduced() != produced) {
            last = result(consumed, produced);
        }
        return last;
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) {
        ByteBuffer src = srcs[offset];
        int n = Math.min(src.remaining(), MAX_FRAGMENT_BYTES);
        dst.put((byte) 23).putShort((short) 0x303).putShort((short) n);
        move(src, dst, n);
        return ok(n, HEADER_BYTES + n);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) {
        int n = src.getShort(src.position() + 3);
        src.position(src.position() + HEADER_BYTES);
        move(src, dsts[offset], n);
        return ok(HEADER_BYTES + n, n);
    }

    private static void move(ByteBuffer src, ByteBuffer dst, int n) {
        int end = src.limit();
        dst.put(src.limit(src.position() + n));
        src.limit(end);
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return HandshakeStatus.NOT_HANDSHAKING;
    }

    @Override
    public SSLSession getSession() {
        return session;
    }

    @Override
    public Runnable getDelegatedTask() {
        return null;
    }

    @Override
    public void beginHandshake() {}

    @Override
    public void closeInbound() {
        inboundDone = true;
    }

    @Override
    public boolean isInboundDone() {
        return inboundDone;
    }

    @Override
    public void closeOutbound() {
        outboundDone = true;
    }

    @Override
    public boolean isOutboundDone() {
        return outboundDone;
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return real.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return real.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {}

    @Override
    public String[] getSupportedProtocols() {
        return real.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return real.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {}

    @Override
    public void setUseClientMode(boolean mode) {}

    @Override
    public boolean getUseClientMode() {
        return true;
    }

    @Override
    public void setNeedClientAuth(boolean need) {}

    @Override
    public boolean getNeedClientAuth() {
        return false;
    }

    @Override
    public void setWantClientAuth(boolean want) {}

    @Override
    public boolean getWantClientAuth() {
        return false;
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {}

    @Override
    public boolean getEnableSessionCreation() {
        return true;
    }

    private static final class Spi extends SSLContextSpi {
        private final SSLContext real;

        Spi(SSLContext real) {
            this.real = real;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
            throw new UnsupportedOperationException("it is ready");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return new PlainEngine(real.createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return engineCreateSSLEngine();
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return real.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return real.getServerSocketFactory();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return real.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return real.getClientSessionContext();
        }
    }
}
