package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxStats;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a session tells of its streams, and whether that is a life that a stream may have. */
final class StreamLog implements SessionEvents {
    /** What is known of a stream. */
    private static final class Life {
        long received;
        long read;
        boolean ended;
        boolean closed;
        /** Nothing may be told any more: it has finished, was cut, or was reset by the application. */
        boolean over;

        boolean inputLost;
        boolean awaitsRoom;
    }

    private final List<YamuxStream> streams = new ArrayList<>();
    private Runnable reaction = () -> {};
    private boolean outputTold;
    private TransportException cause;

    /** Returns all streams there were, in their order. */
    List<YamuxStream> streams() {
        return streams;
    }

    /** Returns why the session is over; null if it is not. */
    TransportException cause() {
        return cause;
    }

    void opened(YamuxStream stream) {
        stream.attach(new Life());
        streams.add(stream);
    }

    void onNextEvent(Runnable does) {
        reaction = does;
    }

    /** Returns what the application has of a stream and has not read. */
    long unread(YamuxStream stream) {
        Life life = of(stream);
        return life.inputLost || life.closed ? 0 : life.received - life.read;
    }

    void read(YamuxStream stream, long bytes) {
        of(stream).read += bytes;
        stream.bytesRead(bytes);
    }

    void end(YamuxStream stream) {
        stream.endOutput();
        assertThat(stream.isOutputOpen()).isFalse();
    }

    void close(YamuxStream stream) {
        stream.close();
        of(stream).closed = true;
        assertThat(stream.unreadBytes()).isZero();
    }

    void reset(YamuxStream stream, long code) {
        Life life = of(stream);
        boolean live = stream.isLive();
        stream.reset(code);
        assertThat(stream.isLive()).isFalse();
        if (live) {
            life.over = true;
            life.inputLost = true;
        }
    }

    void awaitRoom(YamuxStream stream) {
        of(stream).awaitsRoom = true;
        stream.awaitRoom();
    }

    /** The output was polled, and there is more or not. */
    void polled(boolean more) {
        outputTold = more;
    }

    void check(YamuxStats stats, YamuxConfig config, YamuxSession session) {
        long memory = 0;
        int inbound = 0;
        int outbound = 0;
        int unaccepted = 0;
        int unacknowledged = 0;
        for (YamuxStream stream : streams) {
            checkNumbers(stream, config);
            boolean takesMore = stream.isInputOpen() && !stream.isClosed();
            memory += takesMore ? stream.receiveWindowBytes() : stream.unreadBytes();
            if (stream.isLive()) {
                inbound += stream.isOutbound() ? 0 : 1;
                outbound += stream.isOutbound() ? 1 : 0;
                unaccepted += stream.awaitsAccept ? 1 : 0;
                unacknowledged += stream.holdsSlot ? 1 : 0;
            } else {
                assertThat(of(stream).over)
                        .as("%s: is gone and nobody was told", stream)
                        .isTrue();
                assertThat(stream.awaitsAccept || stream.holdsSlot || stream.inReady || stream.inUpdates)
                        .isFalse();
                assertThat(stream.queuedBytes()).isZero();
            }
        }
        assertThat(stats.memoryBytes()).isEqualTo(memory);
        assertThat(stats.inboundStreams()).isEqualTo(inbound);
        assertThat(stats.outboundStreams()).isEqualTo(outbound);
        assertThat(unaccepted).isLessThanOrEqualTo(config.acceptBacklog());
        assertThat(unacknowledged).isLessThanOrEqualTo(config.acceptBacklog());
        assertThat(session.isOver()).isEqualTo(cause != null);
        assertThat(session.isOver() && inbound + outbound > 0).isFalse();
        assertThat(session.hasOutput() && !outputTold)
                .as("output that nobody was told of")
                .isFalse();
    }

    private static void checkNumbers(YamuxStream stream, YamuxConfig config) {
        ReceiveWindow window = stream.receiveWindow();
        assertThat(stream.sendWindowBytes()).isBetween(0L, Frame.MAX_UNSIGNED);
        assertThat(stream.queuedBytes()).isNotNegative();
        assertThat(window.sizeBytes()).isBetween((long) config.initialWindowBytes(), (long) config.maxWindowBytes());
        assertThat(window.creditBytes()).isNotNegative();
        assertThat(window.unreadBytes()).isNotNegative();
        assertThat(window.creditBytes() + window.unreadBytes()).isLessThanOrEqualTo(window.sizeBytes());
    }

    @Override
    public void onStream(YamuxStream stream) {
        opened(stream);
        assertThat(stream.isOutbound()).isFalse();
        react();
    }

    @Override
    public void onData(YamuxStream stream, ByteBuffer bytes) {
        Life life = living(stream, "onData");
        assertThat(bytes.hasRemaining()).isTrue();
        assertThat(life.ended || life.closed)
                .as("%s: data after its end", stream)
                .isFalse();
        life.received += bytes.remaining();
        assertThat(life.received - life.read).isLessThanOrEqualTo(stream.unreadBytes());
        react();
    }

    @Override
    public void onEnd(YamuxStream stream) {
        Life life = living(stream, "onEnd");
        assertThat(life.ended).as("%s: ends twice", stream).isFalse();
        life.ended = true;
        react();
    }

    @Override
    public void onFinished(YamuxStream stream) {
        Life life = living(stream, "onFinished");
        assertThat(life.ended)
                .as("%s: finishes before the peer has ended", stream)
                .isTrue();
        assertThat(stream.state()).isEqualTo(StreamState.FINISHED);
        life.over = true;
        react();
    }

    @Override
    public void onFailed(YamuxStream stream, TransportException why, boolean inputKept) {
        Life life = living(stream, "onFailed");
        life.over = true;
        life.inputLost = !inputKept;
        assertThat(stream.state()).isEqualTo(StreamState.WAS_RESET);
        assertThat(inputKept && life.closed).isFalse();
        assertThat(inputKept || stream.unreadBytes() == 0).isTrue();
        react();
    }

    @Override
    public void onRoom(YamuxStream stream) {
        Life life = living(stream, "onRoom");
        assertThat(life.awaitsRoom).as("%s: has room and nobody asked", stream).isTrue();
        assertThat(stream.roomBytes()).isPositive();
        life.awaitsRoom = false;
        react();
    }

    @Override
    public void onPong(long rttNanos) {
        assertThat(rttNanos).isNotNegative();
        react();
    }

    @Override
    public void onPingLost() {
        react();
    }

    @Override
    public void onOutput() {
        assertThat(outputTold).as("told of output twice").isFalse();
        outputTold = true;
    }

    @Override
    public void onEnded(TransportException why) {
        assertThat(cause).as("the session ends twice").isNull();
        cause = why;
        assertThat(streams).noneMatch(YamuxStream::isLive);
    }

    private void react() {
        Runnable once = reaction;
        reaction = () -> {};
        once.run();
    }

    private Life living(YamuxStream stream, String event) {
        assertThat(cause).as("%s of %s after the session's end", event, stream).isNull();
        Life life = of(stream);
        assertThat(life.over)
                .as("%s of %s, of which nothing may be told", event, stream)
                .isFalse();
        return life;
    }

    private static Life of(YamuxStream stream) {
        return (Life) stream.attachment().orElseThrow();
    }
}
