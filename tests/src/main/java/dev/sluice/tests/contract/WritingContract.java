package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Writing: takes what fits, says how much, calls back once when there is room again. */
interface WritingContract {
    ContractHarness harness();

    @Test
    default void shouldTakeSmallWritesWhole() throws Exception {
        ConnectionPair pair = harness().open();
        ByteBuffer src = ByteBuffer.wrap(new Payload(20, 100).bytes());
        int n = pair.client().call(c -> c.write(src));
        assertThat(n).isEqualTo(100);
        assertThat(src.hasRemaining()).isFalse();
        pair.server().recorder().awaitReceived(100);
        pair.settle();
        assertThat(pair.client().recorder().writableCalls()).isZero();
    }

    @Test
    default void shouldWriteOnlyBetweenPositionAndLimit() throws Exception {
        ConnectionPair pair = harness().open();
        for (ByteBuffer src : new ByteBuffer[] {ByteBuffer.allocate(10), ByteBuffer.allocateDirect(10)}) {
            src.put(new byte[] {0, 0, 3, 4, 5, 0, 0, 0, 0, 0}).position(2).limit(5);
            pair.client().run(c -> assertThat(c.write(src)).isEqualTo(3));
            assertThat(src.position()).isEqualTo(5);
            assertThat(src.limit()).isEqualTo(5);
        }
        pair.server().recorder().awaitReceived(6);
        assertThat(pair.server().recorder().receivedHead()).containsExactly(3, 4, 5, 3, 4, 5);
    }

    @Test
    default void shouldWriteReadOnlyBuffers() throws Exception {
        ConnectionPair pair = harness().open();
        ByteBuffer src = ByteBuffer.wrap(new byte[] {1, 2, 3}).asReadOnlyBuffer();
        pair.client().run(c -> assertThat(c.write(src)).isEqualTo(3));
        pair.server().recorder().awaitReceived(3);
        assertThat(pair.server().recorder().receivedHead()).containsExactly(1, 2, 3);
    }

    @Test
    default void shouldWriteNothingWhenTheBufferIsEmpty() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().run(c -> {
            assertThat(c.write(ByteBuffer.allocate(0))).isZero();
            assertThat(c.write(new ByteBuffer[] {ByteBuffer.allocate(0)}, 0, 1)).isZero();
        });
        pair.settle();
        assertThat(pair.client().recorder().writableCalls()).isZero();
        assertThat(pair.server().recorder().readableCalls()).isZero();
    }

    @Test
    default void shouldKeepNothingOfTheBufferAfterTheCall() throws Exception {
        ConnectionPair pair = openWithPausedServer();
        ByteBuffer src = ByteBuffer.allocateDirect(1000);
        Payload payload = new Payload(21, 1000);
        payload.fill(0, src);
        pair.client().run(c -> {
            c.write(src.flip());
            src.clear();
            while (src.hasRemaining()) {
                src.put((byte) 'X');
            }
        });
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitReceived(1000);
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    @Test
    default void shouldGatherBuffersInOrderWhenWrittenTogether() throws Exception {
        ConnectionPair pair = harness().open();
        ByteBuffer[] srcs = {
            ByteBuffer.wrap(new byte[] {99}),
            ByteBuffer.wrap(new byte[] {1, 2}),
            ByteBuffer.allocate(0),
            ByteBuffer.allocateDirect(1).put((byte) 3).flip(),
            ByteBuffer.wrap(new byte[] {0, 4, 0}, 1, 1),
            ByteBuffer.wrap(new byte[] {99}),
        };
        long n = pair.client().call(c -> c.write(srcs, 1, 4));
        assertThat(n).isEqualTo(4);
        pair.server().recorder().awaitReceived(4);
        assertThat(pair.server().recorder().receivedHead()).containsExactly(1, 2, 3, 4);
        assertThat(srcs[0].remaining()).isEqualTo(1);
        assertThat(srcs[5].remaining()).isEqualTo(1);
    }

    @Test
    default void shouldDeliverAllBytesWhenManyBuffersAreGathered() throws Exception {
        Payload payload = new Payload(22, 8 << 20);
        ByteBuffer[] srcs = new ByteBuffer[256];
        for (int i = 0; i < srcs.length; i++) {
            srcs[i] = ByteBuffer.allocateDirect(32 << 10);
            payload.fill((long) i * srcs[i].capacity(), srcs[i]);
            srcs[i].flip();
        }
        Recorder client = new Recorder().onWritable(c -> writeRest(c, srcs));
        ConnectionPair pair = harness().open(client, new Recorder());
        pair.client().run(c -> writeRest(c, srcs));
        pair.server().recorder().awaitReceived(payload.length());
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(payload.sha256());
    }

    private static void writeRest(Connection connection, ByteBuffer[] srcs) throws IOException {
        int first = 0;
        while (first < srcs.length && !srcs[first].hasRemaining()) {
            first++;
        }
        if (first < srcs.length) {
            connection.write(srcs, first, srcs.length - first);
        }
    }

    @Test
    default void shouldCallOnWritableOnceWhenThereIsRoomAfterAShortage() throws Exception {
        Recorder client = new Recorder().onWritable(c -> {});
        Recorder server = new Recorder();
        ConnectionPair pair = openWithPausedServer(client, server);
        long written = pair.client().call(WritingContract::writeUntilShort);
        pair.server().run(Connection::resumeReading);
        Waiting.until("onWritable", () -> client.writableCalls() > 0);
        server.awaitReceived(written);
        pair.server().sendAll(new Payload(23, 1000));
        client.awaitReceived(1000);
        pair.settle();
        assertThat(client.writableCalls()).isEqualTo(1);
    }

    @Test
    default void shouldCallOnWritableForEachShortageWhenThereAreMany() throws Exception {
        AtomicLong written = new AtomicLong();
        Recorder client = new Recorder();
        client.onWritable(c -> {
            if (client.writableCalls() < 5) {
                written.addAndGet(writeUntilShort(c));
            }
        });
        ConnectionPair pair = openWithPausedServer(client, new Recorder());
        pair.client().run(c -> written.addAndGet(writeUntilShort(c)));
        pair.server().run(Connection::resumeReading);
        Waiting.until("five calls", () -> client.writableCalls() == 5);
        pair.server().recorder().awaitReceived(written.get());
        pair.settle();
        assertThat(client.writableCalls()).isEqualTo(5);
        assertThat(pair.server().recorder().receivedBytes()).isEqualTo(written.get());
    }

    @Test
    default void shouldGoOnReadingWhileTheWriterWaitsForRoom() throws Exception {
        Recorder client = new Recorder().onWritable(c -> {});
        ConnectionPair pair = openWithPausedServer(client, new Recorder());
        pair.client().run(WritingContract::writeUntilShort);
        Payload back = new Payload(24, 1 << 20);
        pair.server().sendAll(back);
        client.awaitReceived(back.length());
        assertThat(client.receivedSha256()).isEqualTo(back.sha256());
    }

    @Test
    default void shouldCarryLargeTransfersBothWaysAtOnce() throws Exception {
        ConnectionPair pair = harness().open();
        Payload there = new Payload(25, 32 << 20);
        Payload back = new Payload(26, 32 << 20);
        var sentThere = pair.client().send(there);
        var sentBack = pair.server().send(back);
        Waiting.result(sentThere);
        Waiting.result(sentBack);
        pair.server().recorder().awaitReceived(there.length());
        pair.client().recorder().awaitReceived(back.length());
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(there.sha256());
        assertThat(pair.client().recorder().receivedSha256()).isEqualTo(back.sha256());
    }

    @Test
    default void shouldServeManyPairsAtOnce() throws Exception {
        ConnectionPair[] pairs = new ConnectionPair[20];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = harness().open();
        }
        for (int i = 0; i < pairs.length; i++) {
            pairs[i].client().send(new Payload(100 + i, 200_000)).join();
        }
        for (int i = 0; i < pairs.length; i++) {
            pairs[i].server().recorder().awaitReceived(200_000);
            assertThat(pairs[i].server().recorder().receivedHead()).isEqualTo(new Payload(100 + i, 200_000).bytes());
        }
    }

    /** Writes until not all is taken; returns how much was. */
    static long writeUntilShort(Connection connection) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        long written = 0;
        while (connection.write(piece.clear()) == piece.capacity()) {
            written += piece.capacity();
        }
        return written + piece.position();
    }

    private ConnectionPair openWithPausedServer() throws Exception {
        return openWithPausedServer(new Recorder(), new Recorder());
    }

    private ConnectionPair openWithPausedServer(Recorder client, Recorder server) throws Exception {
        ConnectionPair pair = harness().open(client, server);
        pair.server().run(Connection::pauseReading);
        return pair;
    }
}
