package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An application that ends streams, or the session, while it is told of something. */
class ReentrantCallsTest {
    /** What the application is told of. */
    enum Call {
        STREAM,
        DATA,
        END,
        FINISHED,
        FAILED,
        ROOM
    }

    private static final String SYN_1 = "000100010000000100000000";
    private static final String FIN_1 = "000100040000000100000000";
    private static final String SYN_3 = "000100010000000300000000";
    private static final String DATA_1 = "000000000000000100000003 616263";

    private final List<String> told = new ArrayList<>();
    private Call when = Call.STREAM;
    private Consumer<YamuxStream> doing = stream -> {};
    private final YamuxSession session =
            new YamuxSession(Role.SERVER, YamuxConfig.defaults(), new Application(), "test", 0);

    @ParameterizedTest
    @EnumSource(
            value = Call.class,
            names = {"STREAM", "DATA", "END"})
    void shouldGoOnWithTheNextStreamWhenOneIsResetWithin(Call call) {
        when = call;
        doing = stream -> stream.reset(0);

        receive(SYN_1 + DATA_1 + FIN_1 + SYN_3);

        assertThat(told).endsWith("STREAM 3").doesNotContain("FAILED 1", "FINISHED 1");
        assertThat(session.stats().memoryBytes()).isEqualTo(call == Call.STREAM ? 0 : 262144);
        assertThat(session.isOver()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Call.class,
            names = {"STREAM", "DATA", "END", "FINISHED", "FAILED"})
    void shouldSayNothingMoreWhenTheSessionIsAbortedWithin(Call call) {
        when = call;
        doing = stream -> session.abort(new TransportException(Reason.CANCELLED, "enough"));

        receive(SYN_1);
        receive(DATA_1);
        receive(FIN_1 + SYN_3);
        receive("000100080000000300000000 000100010000000500000000");

        assertThat(told).endsWith("OVER").containsOnlyOnce("OVER");
        assertThat(session.stats().inboundStreams()).isZero();
    }

    @Test
    void shouldTellThatAStreamHasFinishedBeforeTheEndOfTheSessionWithin() {
        when = Call.STREAM;
        doing = YamuxStream::endOutput;
        receive(SYN_1);
        when = Call.END;
        doing = stream -> session.abort(new TransportException(Reason.CANCELLED, "enough"));

        receive(FIN_1);

        assertThat(told).containsExactly("STREAM 1", "END 1", "FINISHED 1", "OVER");
    }

    @Test
    void shouldTellThatAStreamHasFailedBeforeItLetsTheNextOneBegin() throws Exception {
        YamuxSession client = new YamuxSession(
                Role.CLIENT, YamuxConfig.builder().acceptBacklog(1).build(), new Application(), "test", 0);
        client.open();
        client.open().awaitRoom();
        when = Call.ROOM;
        doing = stream -> client.abort(new TransportException(Reason.CANCELLED, "enough"));

        client.receive(ByteBuffer.wrap(Hex.bytes("000100080000000100000000")));

        assertThat(told).containsExactly("FAILED 1", "ROOM 3", "FAILED 3", "OVER");
    }

    @Test
    void shouldTakeNoMoreOfAFrameWhenItsStreamIsClosedWithin() {
        when = Call.DATA;
        doing = YamuxStream::close;

        receive(SYN_1 + "000000000000000100000003 61");
        receive("62");
        receive("63" + SYN_3);

        assertThat(told).containsExactly("STREAM 1", "DATA 1", "FAILED 1", "STREAM 3");
    }

    @Test
    void shouldSayNothingOfStreamsWhenTheyAreUsedWhileTheSessionEnds() {
        List<YamuxStream> streams = new ArrayList<>();
        doing = streams::add;
        receive(SYN_1 + SYN_3);
        when = Call.FAILED;
        doing = failed -> streams.stream().filter(YamuxStream::isLive).forEach(other -> {
            other.addOutput(1);
            other.reset(7);
        });

        session.receive(ByteBuffer.wrap(Hex.bytes("010000000000000000000000")));

        List<FrameType> polled = new ArrayList<>();
        session.poll(new Nowhere(polled), Integer.MAX_VALUE);
        session.endIfDone();
        if (session.isOver()) {
            session.poll(new Nowhere(polled), Integer.MAX_VALUE);
        }
        assertThat(told).endsWith("OVER");
        assertThat(polled).containsExactly(FrameType.GO_AWAY);
    }

    private void receive(String hex) {
        session.receive(ByteBuffer.wrap(Hex.bytes(hex)));
        session.poll(new Nowhere(new ArrayList<>()), Integer.MAX_VALUE);
        session.endIfDone();
        if (session.isOver()) {
            session.poll(new Nowhere(new ArrayList<>()), Integer.MAX_VALUE);
        }
    }

    private final class Application implements SessionEvents {
        private void tell(Call call, YamuxStream stream) {
            told.add(call + " " + stream.id());
            if (call == when) {
                doing.accept(stream);
            }
        }

        @Override
        public void onStream(YamuxStream stream) {
            stream.accept();
            tell(Call.STREAM, stream);
        }

        @Override
        public void onData(YamuxStream stream, ByteBuffer bytes) {
            tell(Call.DATA, stream);
        }

        @Override
        public void onRoom(YamuxStream stream) {
            tell(Call.ROOM, stream);
        }

        @Override
        public void onEnd(YamuxStream stream) {
            tell(Call.END, stream);
            stream.endOutput();
        }

        @Override
        public void onFinished(YamuxStream stream) {
            tell(Call.FINISHED, stream);
        }

        @Override
        public void onFailed(YamuxStream stream, TransportException cause, boolean inputKept) {
            tell(Call.FAILED, stream);
        }

        @Override
        public void onPong(long rttNanos) {}

        @Override
        public void onPingLost() {}

        @Override
        public void onOutput() {}

        @Override
        public void onEnded(TransportException cause) {
            told.add("OVER");
        }
    }

    private record Nowhere(List<FrameType> types) implements FrameSink {
        @Override
        public void header(FrameType type, int flags, long streamId, long length) {
            types.add(type);
        }

        @Override
        public void payload(YamuxStream stream, int bytes) {}
    }
}
