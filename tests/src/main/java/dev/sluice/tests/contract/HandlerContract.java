package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Handlers: in which order they are called, how one follows another, and what happens when they throw. */
interface HandlerContract {
    ContractHarness harness();

    @Test
    default void shouldCallOnAttachedFirstAndOnTheLoop() throws Exception {
        Recorder.Callback onLoop = c -> c.loop().requireInLoop();
        ConnectionPair pair = harness().open(new Recorder().onAttached(onLoop), new Recorder().onAttached(onLoop));
        pair.client().sendAll(new Payload(40, 10));
        pair.server().recorder().awaitReceived(10);
        for (Side side : new Side[] {pair.client(), pair.server()}) {
            assertThat(side.recorder().attachedCalls()).isEqualTo(1);
            assertThat(side.recorder().callsOutOfOrder()).isZero();
            assertThat(side.recorder().isClosed()).isFalse();
        }
    }

    @Test
    default void shouldWriteWhenAttached() throws Exception {
        Recorder greeter = new Recorder().onAttached(c -> c.write(ByteBuffer.wrap(new byte[] {42})));
        ConnectionPair pair = harness().open(new Recorder(), greeter);
        pair.client().recorder().awaitReceived(1);
        assertThat(pair.client().recorder().receivedHead()).containsExactly(42);
    }

    @Test
    default void shouldStayPausedWhenOnAttachedPauses() throws Exception {
        Recorder server = new Recorder().onAttached(Connection::pauseReading);
        ConnectionPair pair = harness().open(new Recorder(), server);
        pair.client().sendAll(new Payload(41, 10));
        pair.settle();
        assertThat(server.readableCalls()).isZero();
        pair.server().run(Connection::resumeReading);
        server.awaitReceived(10);
    }

    // ---------------------------------------------------------------- one after the other

    @Test
    default void shouldGiveUnreadBytesToTheSuccessor() throws Exception {
        Recorder successor = new Recorder();
        Recorder first = new Recorder().onReadable(c -> {
            ByteBuffer magic = ByteBuffer.allocate(11);
            c.read(magic);
            c.unread(magic.flip());
            c.handler(successor);
        });
        ConnectionPair pair = harness().open(new Recorder(), first);
        Payload payload = new Payload(42, 50_000);
        pair.client().sendAll(payload);
        successor.awaitReceived(payload.length());
        assertThat(successor.receivedHead()).isEqualTo(payload.bytes());
        assertThat(successor.attachedCalls()).isEqualTo(1);
        assertThat(first.readableCalls()).isEqualTo(1);
    }

    @Test
    default void shouldCallTheSuccessorWhenReplacedWithoutReading() throws Exception {
        Recorder successor = new Recorder();
        ConnectionPair pair = harness().open(new Recorder(), new Recorder().onReadable(c -> c.handler(successor)));
        pair.client().sendAll(new Payload(43, 11));
        successor.awaitReceived(11);
        assertThat(successor.receivedHead()).isEqualTo(new Payload(43, 11).bytes());
    }

    @Test
    default void shouldLetTheSuccessorReadWhenReadingWasPaused() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        pair.client().sendAll(new Payload(44, 10));
        Side successor = pair.server().handOverTo(new Recorder());
        successor.recorder().awaitReceived(10);
        assertThat(pair.server().recorder().receivedBytes()).isZero();
    }

    @Test
    default void shouldKeepTheSuccessorPausedWhenItPausesInOnAttached() throws Exception {
        Recorder successor = new Recorder().onAttached(Connection::pauseReading);
        ConnectionPair pair = harness().open(new Recorder(), new Recorder().onReadable(c -> {
                    ByteBuffer magic = ByteBuffer.allocate(5);
                    c.read(magic);
                    c.unread(magic.flip());
                    c.handler(successor);
                }));
        pair.client().sendAll(new Payload(45, 10));
        successor.awaitAttached();
        pair.settle();
        assertThat(successor.readableCalls()).isZero();
        pair.server().run(Connection::resumeReading);
        successor.awaitReceived(10);
        assertThat(successor.receivedHead()).isEqualTo(new Payload(45, 10).bytes());
    }

    @Test
    default void shouldTellTheSuccessorTheEndOfInputAgain() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.client().shutdownOutput();
        pair.server().recorder().awaitEnd();
        Side successor = pair.server().handOverTo(new Recorder());
        successor.recorder().awaitEnd();
        assertThat(pair.server().recorder().endsSeen()).isEqualTo(1);
    }

    @Test
    default void shouldCallOnlyTheSuccessorFromThenOn() throws Exception {
        ConnectionPair pair = harness().open();
        Side successor = pair.server().handOverTo(new Recorder());
        pair.client().sendAll(new Payload(46, 10));
        successor.recorder().awaitReceived(10);
        pair.server().close();
        assertThat(successor.recorder().awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
        assertThat(pair.server().recorder().closedCalls()).isZero();
    }

    @Test
    default void shouldAllowASuccessorToHandOnWhenAttached() throws Exception {
        Recorder last = new Recorder();
        Recorder middle = new Recorder().onAttached(c -> c.handler(last));
        ConnectionPair pair = harness().open(new Recorder(), middle);
        pair.client().sendAll(new Payload(47, 10));
        last.awaitReceived(10);
        assertThat(middle.readableCalls()).isZero();
    }

    @Test
    default void shouldTellTheSuccessorThatTheConnectionIsClosedAlready() throws Exception {
        ConnectionPair pair = harness().open();
        TransportException cause = new TransportException(Reason.CANCELLED, "enough");
        pair.server().abort(cause);
        Side successor = pair.server().handOverTo(new Recorder());
        assertThat(successor.recorder().awaitClosed()).isSameAs(cause);
        assertThat(successor.recorder().closedCalls()).isEqualTo(1);
    }

    // ---------------------------------------------------------------- handlers that throw

    @Test
    default void shouldCloseOnlyThatConnectionWhenOnReadableThrows() throws Exception {
        for (Throwable thrown : new Throwable[] {
            new IllegalArgumentException("thrown by a test"), new AssertionError("thrown by a test")
        }) {
            Recorder failing = new Recorder().onReadable(c -> rethrow(thrown));
            EventLoop loop = harness().group().loops().get(0);
            ConnectionPair innocent = harness().open(loop, new Recorder(), new Recorder());
            ConnectionPair pair = harness().open(loop, failing, new Recorder());
            pair.server().sendAll(new Payload(48, 10));
            TransportException cause = failing.awaitClosed();
            assertThat(cause.reason()).isEqualTo(Reason.INTERNAL);
            assertThat(cause).hasCause(thrown);
            assertThat(failing.closedCalls()).isEqualTo(1);
            innocent.server().sendAll(new Payload(49, 10));
            innocent.client().recorder().awaitReceived(10);
        }
    }

    @Test
    default void shouldCloseWithTheReasonThatOnReadableThrew() throws Exception {
        TransportException thrown = new TransportException(Reason.PROTOCOL_ERROR, "not what was expected");
        Recorder failing = new Recorder().onReadable(c -> rethrow(thrown));
        ConnectionPair pair = harness().open(new Recorder(), failing);
        pair.client().sendAll(new Payload(50, 10));
        assertThat(failing.awaitClosed()).isSameAs(thrown);
    }

    @Test
    default void shouldCloseWhenOnWritableThrows() throws Exception {
        IllegalStateException thrown = new IllegalStateException("thrown by a test");
        Recorder failing = new Recorder().onWritable(c -> rethrow(thrown));
        ConnectionPair pair = harness().open(failing, new Recorder());
        pair.server().run(Connection::pauseReading);
        pair.client().run(WritingContract::writeUntilShort);
        pair.server().run(Connection::resumeReading);
        assertThat(failing.awaitClosed().reason()).isEqualTo(Reason.INTERNAL);
        assertThat(failing.awaitClosed()).hasCause(thrown);
    }

    @Test
    default void shouldCloseWhenOnAttachedThrows() throws Exception {
        IllegalStateException thrown = new IllegalStateException("thrown by a test");
        Recorder failing = new Recorder().onAttached(c -> rethrow(thrown));
        harness().open().client().run(c -> c.handler(failing)); // once the peer is there, which a reset could overtake
        assertThat(failing.awaitClosed().reason()).isEqualTo(Reason.INTERNAL);
        assertThat(failing.awaitClosed()).hasCause(thrown);
        assertThat(failing.readableCalls()).isZero();
    }

    @Test
    default void shouldCloseWhenTheSuccessorThrowsInOnAttached() throws Exception {
        IOException thrown = new IOException("thrown by a test");
        Recorder successor = new Recorder().onAttached(c -> rethrow(thrown));
        ConnectionPair pair = harness().open();
        pair.server().handOverTo(successor);
        assertThat(successor.awaitClosed()).hasCause(thrown);
        assertThat(pair.server().recorder().closedCalls()).isZero();
    }

    @Test
    default void shouldTellCloseListenersWhenOnClosedThrows() throws Exception {
        for (Throwable thrown :
                new Throwable[] {new IllegalStateException("thrown by a test"), new AssertionError("thrown by a test")
                }) {
            ConnectionPair pair = harness().open(new Recorder(), new Recorder().onClosed(c -> rethrow(thrown)));
            Recorder listener = new Recorder();
            pair.server().run(c -> c.whenClosed(cause -> listener.onClosed(c, cause)));
            pair.server().close();
            assertThat(listener.awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        }
    }

    private static void rethrow(Throwable thrown) throws IOException {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof IOException failure) {
            throw failure;
        }
        throw (RuntimeException) thrown;
    }
}
