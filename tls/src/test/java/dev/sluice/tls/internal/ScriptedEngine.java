package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

/** An engine that does what a test's script says, one line for each call; the last line stands for all calls after it. */
final class ScriptedEngine extends SSLEngine {
    private record Line(
            boolean wrap, Status status, HandshakeStatus reported, HandshakeStatus after, int consumed, int produced) {}

    private final Deque<Line> script = new ArrayDeque<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private HandshakeStatus wants;
    private boolean outboundDone;
    private boolean inboundDone;
    private int calls;
    String protocol = "TLSv1.3";

    ScriptedEngine(HandshakeStatus first) {
        wants = first;
    }

    ScriptedEngine unwraps(Status status, HandshakeStatus then, int consumed, int produced) {
        script.add(new Line(false, status, then, then, consumed, produced));
        return this;
    }

    ScriptedEngine wraps(Status status, HandshakeStatus then, int consumed, int produced) {
        script.add(new Line(true, status, then, then, consumed, produced));
        return this;
    }

    /** As JSSE: the call that ends the handshake reports FINISHED, and the engine says NOT_HANDSHAKING from then on. */
    ScriptedEngine finishes(boolean byWrap, int consumed, int produced) {
        script.add(new Line(
                byWrap, Status.OK, HandshakeStatus.FINISHED, HandshakeStatus.NOT_HANDSHAKING, consumed, produced));
        return this;
    }

    ScriptedEngine task(HandshakeStatus then) {
        tasks.add(() -> wants = then);
        return this;
    }

    ScriptedEngine task(Runnable work) {
        tasks.add(work);
        return this;
    }

    int calls() {
        return calls;
    }

    private SSLEngineResult play(boolean wrap, ByteBuffer src, ByteBuffer dst) {
        calls++;
        Line line = script.size() > 1 ? script.removeFirst() : script.getFirst();
        assertThat(wrap).as("wrap, in call %s", calls).isEqualTo(line.wrap);
        wants = line.after;
        src.position(src.position() + line.consumed);
        dst.put(new byte[line.produced]);
        if (line.status == Status.CLOSED) {
            inboundDone |= !wrap;
            outboundDone |= wrap;
        }
        return new SSLEngineResult(line.status, line.reported, line.consumed, line.produced);
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) {
        return play(true, srcs[offset], dst);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) {
        return play(false, src, dsts[offset]);
    }

    @Override
    public Runnable getDelegatedTask() {
        return tasks.poll();
    }

    @Override
    public void closeInbound() throws SSLException {
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
    public HandshakeStatus getHandshakeStatus() {
        return wants;
    }

    @Override
    public SSLSession getSession() {
        return new Session(protocol);
    }

    @Override
    public void beginHandshake() {}

    @Override
    public String[] getSupportedCipherSuites() {
        return new String[0];
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return new String[0];
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {}

    @Override
    public String[] getSupportedProtocols() {
        return new String[0];
    }

    @Override
    public String[] getEnabledProtocols() {
        return new String[0];
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {}

    @Override
    public void setUseClientMode(boolean mode) {}

    @Override
    public boolean getUseClientMode() {
        return false;
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

    private record Session(String protocol) implements SSLSession {
        @Override
        public byte[] getId() {
            return new byte[0];
        }

        @Override
        public SSLSessionContext getSessionContext() {
            return null;
        }

        @Override
        public long getCreationTime() {
            return 0;
        }

        @Override
        public long getLastAccessedTime() {
            return 0;
        }

        @Override
        public void invalidate() {}

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void putValue(String name, Object value) {}

        @Override
        public Object getValue(String name) {
            return null;
        }

        @Override
        public void removeValue(String name) {}

        @Override
        public String[] getValueNames() {
            return new String[0];
        }

        @Override
        public Certificate[] getPeerCertificates() {
            return new Certificate[0];
        }

        @Override
        public Certificate[] getLocalCertificates() {
            return new Certificate[0];
        }

        @Override
        public Principal getPeerPrincipal() {
            return null;
        }

        @Override
        public Principal getLocalPrincipal() {
            return null;
        }

        @Override
        public String getCipherSuite() {
            return "";
        }

        @Override
        public String getProtocol() {
            return protocol;
        }

        @Override
        public String getPeerHost() {
            return "";
        }

        @Override
        public int getPeerPort() {
            return 0;
        }

        @Override
        public int getPacketBufferSize() {
            return 100;
        }

        @Override
        public int getApplicationBufferSize() {
            return 80;
        }
    }
}
