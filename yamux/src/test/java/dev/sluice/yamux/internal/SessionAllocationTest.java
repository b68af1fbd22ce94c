package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The promise that a session in steady state allocates nothing for a frame, whichever way it goes. */
class SessionAllocationTest {
    private static final int PAYLOAD_BYTES = 16 << 10;
    private static final int ROUNDS = 10_000;
    private static final int REPETITIONS = 5;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final YamuxSession session =
            new YamuxSession(Role.SERVER, YamuxConfig.defaults(), new Reading(), "test", 0);
    private final Counting sink = new Counting();
    private final ByteBuffer data = ByteBuffer.allocate(Frame.HEADER_BYTES + PAYLOAD_BYTES);
    private final ByteBuffer credit = ByteBuffer.allocate(Frame.HEADER_BYTES);
    private YamuxStream stream;
    private long nowNanos;
    private long waits;

    @Test
    void shouldAllocateNothingForAFrameInSteadyState() throws Exception {
        Frame.encode(data, FrameType.DATA, Flags.NONE, 1, PAYLOAD_BYTES);
        Frame.encode(credit, FrameType.WINDOW_UPDATE, Flags.NONE, 1, PAYLOAD_BYTES);
        session.receive(ByteBuffer.wrap(Hex.bytes("000100010000000100000000")));
        session.open(); // is never acknowledged, so that there is a deadline to look at
        rounds(); // grows what grows

        // The quietest repetition: a late compilation adds to some of them, a path that allocates to all.
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            rounds();
            fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(sink.frames).as("data, and updates for every eighth frame").isGreaterThan(REPETITIONS * ROUNDS);
        assertThat(waits).as("deadlines were asked for").isPositive();
        assertThat(session.isOver()).isFalse();
        assertThat(fewest).as("bytes allocated in %s rounds", ROUNDS).isLessThan(ROUNDS);
    }

    /** Data in, which is read at once, data out, window updates both ways, and a turn of the clock. */
    private void rounds() {
        for (int i = 0; i < ROUNDS; i++) {
            session.tick(nowNanos += 1000);
            session.receive(data.clear());
            session.receive(credit.clear());
            stream.addOutput(PAYLOAD_BYTES);
            sink.bytes = 0;
            session.poll(sink, Integer.MAX_VALUE);
            session.written(sink.bytes);
            waits += session.nanosToNextTick();
        }
    }

    private static final class Counting implements FrameSink {
        int frames;
        long bytes;

        @Override
        public void header(FrameType type, int flags, long streamId, long length) {
            frames++;
            bytes += Frame.HEADER_BYTES;
        }

        @Override
        public void payload(YamuxStream stream, int count) {
            bytes += count;
        }
    }

    private final class Reading implements SessionEvents {
        @Override
        public void onStream(YamuxStream opened) {
            opened.accept();
            stream = opened;
        }

        @Override
        public void onData(YamuxStream from, ByteBuffer bytes) {
            from.bytesRead(bytes.remaining());
        }

        @Override
        public void onEnd(YamuxStream ended) {}

        @Override
        public void onFinished(YamuxStream finished) {}

        @Override
        public void onFailed(YamuxStream failed, TransportException cause, boolean inputKept) {}

        @Override
        public void onRoom(YamuxStream roomy) {}

        @Override
        public void onPong(long rttNanos) {}

        @Override
        public void onPingLost() {}

        @Override
        public void onOutput() {}

        @Override
        public void onEnded(TransportException cause) {}
    }
}
