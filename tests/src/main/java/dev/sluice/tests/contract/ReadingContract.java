package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Reading: by pull, in any portion, with pauses, and with bytes put back. */
interface ReadingContract {
    ContractHarness harness();

    @Test
    default void shouldDeliverAllBytesWhenReadWhole() throws Exception {
        for (ConnectionPair pair : harness().open().bothWays()) {
            Payload payload = new Payload(1, 100_000);
            pair.client().sendAll(payload);
            pair.server().recorder().awaitReceived(payload.length());
            assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
        }
    }

    @Test
    default void shouldDeliverAllBytesWhenWrittenOneAtATime() throws Exception {
        ConnectionPair pair = harness().open();
        Payload payload = new Payload(2, 3000);
        Waiting.result(pair.client().send(payload, 1));
        pair.server().recorder().awaitReceived(payload.length());
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    @Test
    default void shouldDeliverAllBytesWhenReadOneAtATime() throws Exception {
        ConnectionPair pair = harness().open(new Recorder(), new Recorder().readSize(1));
        Payload payload = new Payload(3, 3000);
        pair.client().sendAll(payload);
        pair.server().recorder().awaitReceived(payload.length());
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
        assertThat(pair.server().recorder().readableCalls()).isGreaterThanOrEqualTo(3000);
    }

    @Test
    default void shouldDeliverAllBytesWhenWrittenAndReadOneAtATime() throws Exception {
        ConnectionPair pair = harness().open(new Recorder().readSize(1), new Recorder().readSize(1));
        Payload there = new Payload(4, 2000);
        Payload back = new Payload(5, 2000);
        var sentThere = pair.client().send(there, 1);
        var sentBack = pair.server().send(back, 1);
        Waiting.result(sentThere);
        Waiting.result(sentBack);
        pair.server().recorder().awaitReceived(there.length());
        pair.client().recorder().awaitReceived(back.length());
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(there.bytes());
        assertThat(pair.client().recorder().receivedHead()).isEqualTo(back.bytes());
    }

    @Test
    default void shouldReadIntoHeapAndSlicedBuffersWithoutTouchingTheRest() throws Exception {
        ConnectionPair pair = openPaused();
        pair.client().sendAll(new Payload(6, 4));
        ByteBuffer dst = ByteBuffer.allocate(10).position(3).limit(7);
        Waiting.until("room filled", () -> pair.server().call(c -> c.read(dst) >= 0 && !dst.hasRemaining()));
        assertThat(dst.position()).isEqualTo(7);
        byte[] expected = new byte[10];
        System.arraycopy(new Payload(6, 4).bytes(), 0, expected, 3, 4);
        assertThat(dst.array()).isEqualTo(expected);
    }

    @Test
    default void shouldReturnZeroWhenNothingHasCome() throws Exception {
        ConnectionPair pair = harness().open();
        int n = pair.server().call(c -> c.read(ByteBuffer.allocate(10)));
        assertThat(n).isZero();
    }

    @Test
    default void shouldCallOnReadableOnlyWhenThereIsInput() throws Exception {
        ConnectionPair pair = harness().open();
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
        pair.client().sendAll(new Payload(7, 10));
        pair.server().recorder().awaitReceived(10);
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isLessThanOrEqualTo(10);
        assertThat(pair.client().recorder().readableCalls()).isZero();
    }

    @Test
    default void shouldNotCallOnReadableWhilePaused() throws Exception {
        ConnectionPair pair = openPaused();
        Payload payload = new Payload(8, 1000);
        pair.client().sendAll(payload);
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitReceived(payload.length());
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    @Test
    default void shouldPauseInTheMiddleOfInputWhenOnReadableSaysSo() throws Exception {
        Recorder server = new Recorder();
        server.readSize(10).onReadable(c -> {
            server.readOnce(c);
            c.pauseReading();
        });
        ConnectionPair pair = harness().open(new Recorder(), server);
        pair.client().sendAll(new Payload(9, 25));
        for (int expected = 10; expected <= 20; expected += 10) {
            server.awaitReceived(expected);
            pair.settle();
            assertThat(server.receivedBytes()).isEqualTo(expected);
            pair.server().run(Connection::resumeReading);
        }
        server.awaitReceived(25);
        assertThat(server.receivedHead()).isEqualTo(new Payload(9, 25).bytes());
    }

    @Test
    default void shouldTakePauseAndResumeTwiceAsOnce() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(c -> {
            c.pauseReading();
            c.pauseReading();
            c.resumeReading();
            c.resumeReading();
        });
        pair.client().sendAll(new Payload(10, 10));
        pair.server().recorder().awaitReceived(10);
    }

    @Test
    default void shouldPauseWhenOnReadableReturnsWithoutReading() throws Exception {
        Recorder server = new Recorder().onReadable(c -> {});
        ConnectionPair pair = harness().open(new Recorder(), server);
        pair.client().sendAll(new Payload(11, 10));
        Waiting.until("first call", () -> server.readableCalls() == 1);
        pair.settle();
        assertThat(server.readableCalls()).isEqualTo(1);
        pair.server().run(c -> {
            server.onReadable(server::readOnce);
            c.resumeReading();
        });
        server.awaitReceived(10);
    }

    @Test
    default void shouldStallTheWriterWhenTheReaderPauses() throws Exception {
        Recorder client = new Recorder();
        Recorder server = new Recorder();
        AtomicInteger stalls = new AtomicInteger();
        client.onWritable(c -> {
            stalls.incrementAndGet();
            client.sendOn(c);
        });
        AtomicInteger readUntilStall = new AtomicInteger();
        server.onReadable(c -> {
            if (stalls.get() < readUntilStall.get()) {
                server.readOnce(c);
            }
        });
        ConnectionPair pair = harness().open(client, server);
        Payload payload = new Payload(12, 96 << 20);
        var sent = pair.client().send(payload);
        for (int stall = 1; stall <= 3; stall++) {
            int expected = stall;
            Waiting.until("the writer stalls", () -> client.shortages() >= expected);
            assertThat(sent).isNotDone();
            readUntilStall.set(stall);
            pair.server().run(Connection::resumeReading);
            Waiting.until("the writer goes on", () -> stalls.get() >= expected);
        }
        readUntilStall.set(Integer.MAX_VALUE);
        pair.server().run(Connection::resumeReading);
        Waiting.result(sent);
        server.awaitReceived(payload.length());
        assertThat(server.receivedSha256()).isEqualTo(payload.sha256());
    }

    // ---------------------------------------------------------------- bytes put back

    @Test
    default void shouldReturnBytesPutBackBeforeTheOthers() throws Exception {
        ConnectionPair pair = openPaused();
        pair.client().sendAll(new Payload(13, 20));
        ByteBuffer first = ByteBuffer.wrap(pair.server().take(11));
        pair.server().run(c -> {
            c.unread(first);
            assertThat(first.hasRemaining()).as("put back in full").isFalse();
            c.resumeReading();
        });
        pair.server().recorder().awaitReceived(20);
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(new Payload(13, 20).bytes());
    }

    @Test
    default void shouldKeepACopyOfBytesPutBack() throws Exception {
        ConnectionPair pair = openPaused();
        byte[] mine = "mine".getBytes(StandardCharsets.US_ASCII);
        pair.server().run(c -> {
            c.unread(ByteBuffer.wrap(mine));
            mine[0] = 'X';
            ByteBuffer again = ByteBuffer.allocate(10);
            assertThat(c.read(again)).isEqualTo(4);
            assertThat(again.array()).startsWith("mine".getBytes(StandardCharsets.US_ASCII));
        });
    }

    @Test
    default void shouldReturnBytesPutBackInPortionsWhenReadInPortions() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> {
            c.unread(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
            for (byte expected = 1; expected <= 5; expected++) {
                ByteBuffer one = ByteBuffer.allocate(1);
                assertThat(c.read(one)).isEqualTo(1);
                assertThat(one.get(0)).isEqualTo(expected);
            }
            assertThat(c.read(ByteBuffer.allocate(1))).isZero();
        });
    }

    @Test
    default void shouldTakeBytesBackAgainWhenSomeOfThoseWereRead() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> {
            c.unread(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
            c.unread(ByteBuffer.wrap(readExactly(c, 4)));
            assertThat(readExactly(c, 11)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        });
    }

    @Test
    default void shouldCallOnReadableForBytesPutBackWhenNothingElseComes() throws Exception {
        Recorder server = new Recorder();
        server.onReadable(c -> {
            ByteBuffer peek = ByteBuffer.allocate(11);
            if (server.readableCalls() == 1) {
                c.read(peek);
                c.unread(peek.flip());
            } else {
                server.readOnce(c);
            }
        });
        ConnectionPair pair = harness().open(new Recorder(), server);
        pair.client().sendAll(new Payload(14, 11));
        server.awaitReceived(11);
        assertThat(server.receivedHead()).isEqualTo(new Payload(14, 11).bytes());
    }

    @Test
    default void shouldKeepBytesPutBackWhilePaused() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> c.unread(ByteBuffer.wrap(new byte[] {7})));
        pair.settle();
        assertThat(pair.server().recorder().readableCalls()).isZero();
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitReceived(1);
        assertThat(pair.server().recorder().receivedHead()).containsExactly(7);
    }

    @Test
    default void shouldRefuseToTakeBackMoreThanTheLimit() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> {
            c.unread(ByteBuffer.allocate(Connection.MAX_UNREAD_BYTES));
            readExactly(c, Connection.MAX_UNREAD_BYTES);
            ByteBuffer tooMany = ByteBuffer.allocate(Connection.MAX_UNREAD_BYTES + 1);
            assertThatThrownBy(() -> c.unread(tooMany))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64");
        });
    }

    @Test
    default void shouldRefuseToTakeBytesBackTwiceWithoutAReadBetween() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> {
            c.unread(ByteBuffer.wrap(new byte[] {1}));
            assertThatThrownBy(() -> c.unread(ByteBuffer.wrap(new byte[] {2})))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(readExactly(c, 1)).containsExactly(1);
        });
    }

    @Test
    default void shouldTakeNothingBackWithoutEffect() throws Exception {
        ConnectionPair pair = openPaused();
        pair.server().run(c -> {
            c.unread(ByteBuffer.allocate(0));
            c.unread(ByteBuffer.wrap(new byte[] {1}));
            assertThat(readExactly(c, 1)).containsExactly(1);
        });
    }

    /** Returns a pair whose server has paused reading. */
    private ConnectionPair openPaused() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        return pair;
    }

    private static byte[] readExactly(Connection connection, int bytes) throws Exception {
        ByteBuffer dst = ByteBuffer.allocate(bytes);
        while (dst.hasRemaining()) {
            assertThat(connection.read(dst)).as("bytes read").isPositive();
        }
        return dst.array();
    }
}
