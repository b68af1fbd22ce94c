package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Half-close: each direction ends on its own, after all its bytes. */
interface HalfCloseContract {
    ContractHarness harness();

    @Test
    default void shouldDeliverAllBytesBeforeTheEndWhenOutputIsShutDown() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        for (boolean swapped : new boolean[] {false, true}) {
            ConnectionPair pair = harness().open().bothWays().get(swapped ? 1 : 0);
            Payload payload = new Payload(30, 100_000);
            pair.client().sendAll(payload);
            pair.client().shutdownOutput();
            pair.server().recorder().awaitEnd();
            assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
        }
    }

    @Test
    default void shouldDeliverWhatTheReaderHasNotTakenYetWhenOutputIsShutDown() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        long written = pair.client().call(WritingContract::writeUntilShort);
        pair.client().shutdownOutput();
        pair.settle();
        assertThat(pair.server().recorder().receivedBytes()).isZero();
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().recorder().receivedBytes()).isEqualTo(written);
    }

    @Test
    default void shouldTellTheEndAtOnceWhenNothingWasWritten() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.client().shutdownOutput();
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().recorder().receivedBytes()).isZero();
    }

    @Test
    default void shouldGoOnInTheOtherDirectionWhenOneHasEnded() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        for (boolean swapped : new boolean[] {false, true}) {
            ConnectionPair pair = harness().open().bothWays().get(swapped ? 1 : 0);
            pair.client().sendAll(new Payload(31, 1000));
            pair.client().shutdownOutput();
            pair.server().recorder().awaitEnd();
            Payload back = new Payload(32, 4 << 20);
            pair.server().sendAll(back);
            pair.server().shutdownOutput();
            pair.client().recorder().awaitEnd();
            assertThat(pair.client().recorder().receivedSha256()).isEqualTo(back.sha256());
        }
    }

    @Test
    default void shouldDeliverBothDirectionsOneByteAtATimeWhenBothEnd() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open(new Recorder().readSize(1), new Recorder().readSize(1));
        Payload there = new Payload(33, 1000);
        Payload back = new Payload(34, 1000);
        var sentThere = pair.client().send(there, 1);
        var sentBack = pair.server().send(back, 1);
        Waiting.result(sentThere);
        pair.client().shutdownOutput();
        Waiting.result(sentBack);
        pair.server().shutdownOutput();
        pair.server().recorder().awaitEnd();
        pair.client().recorder().awaitEnd();
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(there.bytes());
        assertThat(pair.client().recorder().receivedHead()).isEqualTo(back.bytes());
    }

    @Test
    default void shouldGoThroughTheStatesWhenDirectionsEnd() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        assertThat(pair.client().connection().state()).isEqualTo(ConnectionState.OPEN);
        pair.client().shutdownOutput();
        assertThat(pair.client().connection().state()).isEqualTo(ConnectionState.OUTPUT_ENDED);
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().connection().state()).isEqualTo(ConnectionState.INPUT_ENDED);
        pair.server().shutdownOutput();
        assertThat(pair.server().connection().state()).isEqualTo(ConnectionState.BOTH_ENDED);
        pair.client().recorder().awaitEnd();
        assertThat(pair.client().connection().state()).isEqualTo(ConnectionState.BOTH_ENDED);
        pair.settle();
        assertThat(pair.client().recorder().isClosed()).as("only close closes").isFalse();
        pair.client().close();
        assertThat(pair.client().connection().state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    default void shouldTellTheEndOnlyOnceUntilSomebodyReadsAgain() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.client().shutdownOutput();
        pair.server().recorder().awaitEnd();
        int calls = pair.server().recorder().readableCalls();
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isEqualTo(calls);
        pair.server().run(c -> {
            assertThat(c.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(c.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        });
    }

    @Test
    default void shouldTellTheEndAfterThePauseWhenItCameWhilePaused() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        pair.client().shutdownOutput();
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitEnd();
    }

    @Test
    default void shouldReturnBytesPutBackBeforeTheEnd() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        pair.client().sendAll(new Payload(35, 5));
        pair.client().shutdownOutput();
        byte[] bytes = pair.server().take(5);
        pair.server().run(c -> {
            c.unread(ByteBuffer.wrap(bytes));
            c.resumeReading();
        });
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(bytes);
    }

    @Test
    default void shouldTakeASecondShutdownAsNone() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.client().shutdownOutput();
        pair.client().shutdownOutput();
        pair.server().recorder().awaitEnd();
        assertThat(pair.server().recorder().endsSeen()).isEqualTo(1);
    }

    @Test
    default void shouldRefuseToWriteButStayOpenWhenOutputWasShutDown() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.client().shutdownOutput();
        pair.client().run(c -> {
            assertThatThrownBy(() -> c.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("OUTPUT_ENDED");
            assertThatThrownBy(() -> c.write(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> c.transferFrom(harness().newFile(), 0, 1))
                    .isInstanceOf(IllegalStateException.class);
        });
        pair.server().sendAll(new Payload(36, 10));
        pair.client().recorder().awaitReceived(10);
    }

    @Test
    default void shouldNotCallOnWritableWhenOutputWasShutDownMeanwhile() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        Recorder client = new Recorder();
        ConnectionPair pair = harness().open(client, new Recorder());
        pair.server().run(Connection::pauseReading);
        pair.client().run(c -> {
            WritingContract.writeUntilShort(c);
            c.shutdownOutput();
        });
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitEnd();
        pair.settle();
        assertThat(client.writableCalls()).isZero();
    }
}
