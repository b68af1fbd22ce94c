package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The end of a connection: orderly, abortive, by the peer, with the loop; and what may be called from where and when. */
interface ClosingContract {
    ContractHarness harness();

    @Test
    default void shouldCallOnClosedOnceWhenThisSideCloses() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().run(c -> {
            c.close();
            assertThat(pair.client().recorder().isClosed()).isTrue();
            c.close();
            c.abort(new TransportException(Reason.CANCELLED, "too late"));
        });
        pair.settle();
        assertThat(pair.client().recorder().awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        assertThat(pair.client().recorder().closedCalls()).isEqualTo(1);
        assertThat(pair.client().recorder().callsOutOfOrder()).isZero();
    }

    @Test
    default void shouldTellThePeerTheEndWhenThisSideCloses() throws Exception {
        for (ConnectionPair pair :
                List.of(harness().open(), harness().open().bothWays().get(1))) {
            pair.client().close();
            pair.server().recorder().awaitEnd();
            pair.settle();
            assertThat(pair.server().recorder().isClosed())
                    .as("the peer closes when it wants to")
                    .isFalse();
        }
    }

    @Test
    default void shouldDeliverWhatWasWrittenWhenThisSideCloses() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        long written = pair.client().call(c -> {
            long n = WritingContract.writeUntilShort(c);
            c.close();
            return n;
        });
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().recorder().receivedBytes()).isEqualTo(written);
    }

    @Test
    default void shouldTellTheCauseWhenThisSideAborts() throws Exception {
        ConnectionPair pair = harness().open();
        TransportException cause = new TransportException(Reason.PROTOCOL_ERROR, "thrown by a test");
        pair.client().abort(cause);
        pair.client().abort(new TransportException(Reason.CANCELLED, "too late"));
        assertThat(pair.client().recorder().awaitClosed()).isSameAs(cause);
        assertThat(pair.client().recorder().closedCalls()).isEqualTo(1);
    }

    @Test
    default void shouldTellResetWhenThePeerAborts() throws Exception {
        harness().assume(Capability.RESET);
        for (boolean swapped : new boolean[] {false, true}) {
            ConnectionPair pair = harness().open().bothWays().get(swapped ? 1 : 0);
            pair.client().abort(new TransportException(Reason.CANCELLED, "thrown by a test"));
            assertThat(pair.server().recorder().awaitClosed().reason()).isEqualTo(Reason.RESET);
            assertThat(pair.server().recorder().closedCalls()).isEqualTo(1);
        }
    }

    @Test
    default void shouldEndOneWayOrAnotherWhenThePeerAborts() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().abort(new TransportException(Reason.CANCELLED, "thrown by a test"));
        Recorder server = pair.server().recorder();
        Waiting.until("the end or a reset", () -> server.endsSeen() > 0 || server.isClosed());
    }

    @Test
    default void shouldTellResetWhenWritingToAPeerThatIsGone() throws Exception {
        Recorder client = new Recorder().onReadable(c -> {});
        client.onWritable(WritingContract::writeUntilShort);
        ConnectionPair pair = harness().open(client, new Recorder());
        pair.client().run(Connection::pauseReading);
        pair.server().abort(new TransportException(Reason.CANCELLED, "thrown by a test"));
        Waiting.until("the write fails", () -> {
            if (!client.isClosed()) {
                try {
                    pair.client().run(WritingContract::writeUntilShort);
                } catch (TransportException e) {
                    assertThat(e.reason()).isEqualTo(Reason.RESET);
                }
            }
            return client.isClosed();
        });
        assertThat(client.awaitClosed().reason()).isEqualTo(Reason.RESET);
        assertThat(client.closedCalls()).isEqualTo(1);
    }

    @Test
    default void shouldTellShutdownWhenTheLoopsEnd() throws Exception {
        ConnectionPair pair = harness().open();
        harness().group().close();
        for (Side side : new Side[] {pair.client(), pair.server()}) {
            Recorder recorder = side.recorder();
            TransportException cause = recorder.awaitClosed();
            // Whichever loop ends second may have seen what the first did to the connection.
            assertThat(cause.reason()).isIn(Reason.SHUTDOWN, Reason.RESET);
            assertThat(recorder.closedCalls()).isEqualTo(1);
        }
    }

    @Test
    default void shouldTellShutdownToAllConnectionsOfALoopThatEnds() throws Exception {
        EventLoop loop = harness().group().loops().get(0);
        List<Recorder> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Recorder client = new Recorder().onAttached(Connection::pauseReading);
            clients.add(client);
            harness().open(loop, client, new Recorder().onAttached(Connection::pauseReading));
        }
        harness().group().close();
        for (Recorder client : clients) {
            assertThat(client.awaitClosed().reason()).isIn(Reason.SHUTDOWN, Reason.RESET);
            assertThat(client.closedCalls()).isEqualTo(1);
        }
    }

    // ---------------------------------------------------------------- after the end

    @Test
    default void shouldThrowTheCauseWhenUsedAfterTheEnd() throws Exception {
        ConnectionPair pair = harness().open();
        TransportException cause = new TransportException(Reason.LIMIT_EXCEEDED, "thrown by a test");
        FileChannel file = harness().newFile();
        pair.client().abort(cause);
        pair.client().run(c -> {
            for (ThrowingCallable use : usesThatFail(c, pair.client().connection(), file)) {
                assertThatExceptionOfType(TransportException.class)
                        .isThrownBy(use)
                        .withCause(cause)
                        .withMessageContaining("thrown by a test")
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
            }
        });
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> pair.client().connection().blocking())
                .withCause(cause);
    }

    private static List<ThrowingCallable> usesThatFail(Connection c, Connection other, FileChannel file) {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        return List.of(
                () -> c.read(bytes),
                () -> c.write(bytes),
                () -> c.write(new ByteBuffer[] {bytes}, 0, 1),
                () -> c.transferFrom(file, 0, 1),
                () -> c.transferTo(file, 0, 1),
                () -> c.transferTo(other, 1),
                c::shutdownOutput,
                c::blocking);
    }

    @Test
    default void shouldIgnorePausesAndBytesPutBackAfterTheEnd() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().run(c -> {
            c.close();
            c.pauseReading();
            c.resumeReading();
            c.unread(ByteBuffer.allocate(1));
        });
        pair.settle();
        assertThat(pair.client().connection().state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(pair.client().recorder().callsOutOfOrder()).isZero();
    }

    @Test
    default void shouldCallNothingMoreWhenClosedInACallback() throws Exception {
        Recorder inReadable = new Recorder().onReadable(Connection::close);
        ConnectionPair first = harness().open(new Recorder(), inReadable);
        first.client().sendAll(new Payload(60, 10));
        assertThat(inReadable.awaitClosed().reason()).isEqualTo(Reason.CLOSED);

        Recorder inWritable = new Recorder().onWritable(Connection::close);
        ConnectionPair second = harness().open(inWritable, new Recorder());
        second.server().run(Connection::pauseReading);
        second.client().run(WritingContract::writeUntilShort);
        second.server().run(Connection::resumeReading);
        assertThat(inWritable.awaitClosed().reason()).isEqualTo(Reason.CLOSED);

        Recorder inAttached = new Recorder().onAttached(Connection::close);
        ConnectionPair third = harness().open(new Recorder(), inAttached);
        assertThat(inAttached.awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        third.client().recorder().awaitEnd();

        third.settle();
        for (Recorder recorder : new Recorder[] {inReadable, inWritable, inAttached}) {
            assertThat(recorder.closedCalls()).isEqualTo(1);
            assertThat(recorder.callsOutOfOrder()).isZero();
        }
    }

    @Test
    default void shouldCallNothingMoreWhenClosedWithUnreadBytes() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(c -> {
            c.unread(ByteBuffer.allocate(10));
            c.close();
        });
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
    }

    @Test
    default void shouldAllowCloseAgainInOnClosed() throws Exception {
        Recorder server = new Recorder().onClosed(Connection::close);
        ConnectionPair pair = harness().open(new Recorder(), server);
        pair.server().close();
        assertThat(server.awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        assertThat(server.closedCalls()).isEqualTo(1);
    }

    // ---------------------------------------------------------------- whenClosed

    @Test
    default void shouldTellCloseListenersInOrderAfterOnClosed() throws Exception {
        List<String> order = new ArrayList<>();
        ConnectionPair pair = harness().open(new Recorder(), new Recorder().onClosed(c -> order.add("handler")));
        TransportException cause = new TransportException(Reason.TIMEOUT, "thrown by a test");
        pair.server().run(c -> {
            c.whenClosed(why -> order.add("first " + why.reason()));
            c.whenClosed(why -> {
                throw new IllegalStateException("thrown by a test");
            });
            c.whenClosed(why -> order.add("last " + why.reason()));
            c.abort(cause);
            c.whenClosed(why -> order.add("late " + (why == cause)));
        });
        assertThat(order).containsExactly("handler", "first TIMEOUT", "last TIMEOUT", "late true");
    }

    @Test
    default void shouldCountTheConnectionsOfALoop() throws Exception {
        ConnectionPair pair = harness().open();
        EventLoop loop = pair.client().connection().loop();
        int before = loop.connectionCount();
        assertThat(before).isPositive();
        pair.client().close();
        assertThat(loop.connectionCount()).isEqualTo(before - 1);
    }

    // ---------------------------------------------------------------- from which thread

    @Test
    default void shouldThrowWhenUsedOnAnotherThreadThanTheLoop() throws Exception {
        ConnectionPair pair = harness().open();
        Connection c = pair.client().connection();
        ByteBuffer bytes = ByteBuffer.allocate(1);
        FileChannel file = harness().newFile();
        Map<String, ThrowingCallable> confined = new LinkedHashMap<>();
        confined.put("handler", () -> c.handler(new Recorder()));
        confined.put("read", () -> c.read(bytes));
        confined.put("unread", () -> c.unread(bytes));
        confined.put("pauseReading", c::pauseReading);
        confined.put("resumeReading", c::resumeReading);
        confined.put("write", () -> c.write(bytes));
        confined.put("gathering write", () -> c.write(new ByteBuffer[] {bytes}, 0, 1));
        confined.put("transferFrom", () -> c.transferFrom(file, 0, 1));
        confined.put("transferTo file", () -> c.transferTo(file, 0, 1));
        confined.put("transferTo connection", () -> c.transferTo(c, 1));
        confined.put("shutdownOutput", c::shutdownOutput);
        confined.put("close", c::close);
        confined.put("abort", () -> c.abort(new TransportException(Reason.CANCELLED, "thrown by a test")));
        confined.put("whenClosed", () -> c.whenClosed(cause -> {}));
        confined.forEach((name, use) -> assertThatThrownBy(use)
                .as(name)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("EventLoop.execute"));
        assertThat(c.state()).isEqualTo(ConnectionState.OPEN);
        pair.client().sendAll(new Payload(61, 10));
        pair.server().recorder().awaitReceived(10);
    }

    @Test
    default void shouldTellWhatItIsOnAnyThread() throws Exception {
        ConnectionPair pair = harness().open();
        Connection client = pair.client().connection();
        Connection server = pair.server().connection();
        assertThat(client.id()).isNotEqualTo(server.id());
        assertThat(client.loop()).isNotNull();
        assertThat(client.remoteEndpoint().scheme())
                .isEqualTo(server.localEndpoint().scheme());
        assertThat(client.toString())
                .contains(Long.toString(client.id()), client.remoteEndpoint().toString());
        assertThat(client.peerCredentials()).isNotNull();
        assertThat(server.peerCredentials()).isNotNull();
    }
}
