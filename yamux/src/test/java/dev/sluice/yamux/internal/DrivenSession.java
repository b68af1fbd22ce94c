package dev.sluice.yamux.internal;

import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A session with the simplest driver there is: it keeps all that comes and goes, and has the time that the test says. */
final class DrivenSession implements SessionEvents, FrameSink {
    /** What became of a stream, as its driver knows it. */
    static final class Received {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final ByteArrayOutputStream toSend = new ByteArrayOutputStream();
        int sent;
        int roomsTold;
        boolean ended;
        boolean finished;
        TransportException failure;
        boolean inputKept;
    }

    private static final long BEGIN = Long.MAX_VALUE - 5; // as a nano source may begin anywhere, it overflows soon

    final YamuxSession session;
    final List<YamuxStream> offered = new ArrayList<>();
    final List<Long> pongs = new ArrayList<>();
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean accepts = true;
    int lostPings;
    int outputTold;
    TransportException ended;

    private long nowNanos = BEGIN;

    DrivenSession(Role role) {
        this(role, YamuxConfig.defaults());
    }

    DrivenSession(Role role, YamuxConfig config) {
        session = new YamuxSession(role, config, this, "test", BEGIN);
    }

    DrivenSession(Role role, YamuxConfig config, long firstId) {
        session = new YamuxSession(role, config, this, "test", BEGIN, firstId);
    }

    static Received of(YamuxStream stream) {
        if (stream.attachment().isEmpty()) {
            stream.attach(new Received());
        }
        return (Received) stream.attachment().get();
    }

    /** Returns the one stream that the peer has opened. */
    YamuxStream only() {
        if (offered.size() != 1) {
            throw new AssertionError("expected one stream of the peer, there are " + offered);
        }
        return offered.get(0);
    }

    void receive(String hex) {
        session.receive(ByteBuffer.wrap(Hex.bytes(hex)));
    }

    void receiveOneByOne(String hex) {
        for (byte b : Hex.bytes(hex)) {
            session.receive(ByteBuffer.wrap(new byte[] {b}));
        }
    }

    /** Receives a DATA frame of zeros. */
    void receiveData(long streamId, int length) {
        receive(String.format("00000000 %08x %08x", streamId, length));
        session.receive(ByteBuffer.allocate(length));
    }

    void send(YamuxStream stream, byte[] bytes) {
        of(stream).toSend.writeBytes(bytes);
        stream.addOutput(bytes.length);
    }

    void read(YamuxStream stream, long bytes) {
        stream.bytesRead(bytes);
    }

    /** Polls all there is, as if the connection took it, and returns it. */
    String output() {
        return Hex.text(outputBytes(Integer.MAX_VALUE));
    }

    /** Polls once, as if the connection took it all, and returns it. */
    byte[] outputBytes(int maxBytes) {
        session.poll(this, maxBytes);
        session.endIfDone();
        if (session.isOver()) {
            session.poll(this, maxBytes);
        }
        byte[] bytes = out.toByteArray();
        out.reset();
        session.written(bytes.length);
        return bytes;
    }

    /** Lets time pass, to the next tick that the session asks for or to the end of {@code duration}. */
    void pass(Duration duration) {
        long end = nowNanos + duration.toNanos();
        while (nowNanos - end < 0) {
            nowNanos += Math.min(end - nowNanos, Math.max(1, session.nanosToNextTick()));
            session.tick(nowNanos);
        }
    }

    @Override
    public void onStream(YamuxStream stream) {
        offered.add(stream);
        of(stream);
        if (accepts) {
            stream.accept();
        }
    }

    @Override
    public void onData(YamuxStream stream, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        of(stream).bytes.writeBytes(copy);
    }

    @Override
    public void onRoom(YamuxStream stream) {
        of(stream).roomsTold++;
    }

    @Override
    public void onEnd(YamuxStream stream) {
        once(!of(stream).ended, "onEnd", stream);
        of(stream).ended = true;
    }

    @Override
    public void onFinished(YamuxStream stream) {
        once(!of(stream).finished && of(stream).failure == null, "onFinished", stream);
        of(stream).finished = true;
    }

    @Override
    public void onFailed(YamuxStream stream, TransportException cause, boolean inputKept) {
        once(!of(stream).finished && of(stream).failure == null, "onFailed", stream);
        of(stream).failure = cause;
        of(stream).inputKept = inputKept;
    }

    @Override
    public void onPong(long rttNanos) {
        pongs.add(rttNanos);
    }

    @Override
    public void onPingLost() {
        lostPings++;
    }

    @Override
    public void onOutput() {
        outputTold++;
    }

    @Override
    public void onEnded(TransportException cause) {
        once(ended == null, "onEnded", "session");
        ended = cause;
    }

    @Override
    public void header(FrameType type, int flags, long streamId, long length) {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        Frame.encode(header, type, flags, streamId, length);
        out.writeBytes(header.array());
    }

    @Override
    public void payload(YamuxStream stream, int bytes) {
        Received driver = of(stream);
        out.write(driver.toSend.toByteArray(), driver.sent, bytes);
        driver.sent += bytes;
    }

    private static void once(boolean first, String event, Object of) {
        if (!first) {
            throw new AssertionError(event + " came too late or twice for " + of);
        }
    }
}
