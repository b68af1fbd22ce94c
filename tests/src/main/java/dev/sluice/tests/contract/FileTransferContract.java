package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Files straight into a connection and out of it. */
interface FileTransferContract {
    ContractHarness harness();

    @Test
    default void shouldSendAWholeFileInBoundedPieces() throws Exception {
        ConnectionPair pair = harness().open();
        Payload payload = new Payload(70, (5 << 20) + 12_345);
        FileChannel file = harness().file(payload);
        FileSender sender = new FileSender(file, 0, payload.length());
        Waiting.result(sender.start(pair.client()));
        pair.server().recorder().awaitReceived(payload.length());
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(payload.sha256());
    }

    @Test
    default void shouldSendAPartOfAFileWhenAskedFor() throws Exception {
        ConnectionPair pair = harness().open();
        Payload payload = new Payload(71, 300_000);
        FileSender sender = new FileSender(harness().file(payload), 4097, 250_001);
        Waiting.result(sender.start(pair.client()));
        pair.server().recorder().awaitReceived(250_001 - 4097);
        pair.settle();
        assertThat(pair.server().recorder().receivedBytes()).isEqualTo(250_001 - 4097);
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(payload.sha256(4097, 250_001));
    }

    @Test
    default void shouldMoveAtMostTheLimitInOneCall() throws Exception {
        ConnectionPair pair = harness().open();
        Payload payload = new Payload(72, 3L * Connection.MAX_TRANSFER_BYTES);
        FileChannel file = harness().file(payload);
        long n = pair.client().call(c -> c.transferFrom(file, 0, Long.MAX_VALUE));
        assertThat(n).isBetween(1L, (long) Connection.MAX_TRANSFER_BYTES);
        pair.server().recorder().awaitReceived(n);
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(payload.sha256(0, n));
    }

    @Test
    default void shouldSendLessWhenTheFileIsShorterThanAskedFor() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(73, 1000));
        pair.client().run(c -> {
            assertThat(c.transferFrom(file, 0, 5000)).isEqualTo(1000);
            assertThat(c.transferFrom(file, 1000, 4000)).isEqualTo(-1);
            assertThat(c.transferFrom(file, 5000, 1)).isEqualTo(-1);
        });
        pair.server().recorder().awaitReceived(1000);
        pair.settle();
        assertThat(pair.client().recorder().writableCalls())
                .as("the end of a file is no shortage of room")
                .isZero();
    }

    @Test
    default void shouldTellTheEndWhenTheFileIsEmpty() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().newFile();
        pair.client().run(c -> assertThat(c.transferFrom(file, 0, 10)).isEqualTo(-1));
    }

    @Test
    default void shouldTellTheEndWhenTheFileShrinksMeanwhile() throws Exception {
        ConnectionPair pair = harness().open();
        Payload payload = new Payload(74, 200_000);
        FileChannel file = harness().file(payload);
        pair.server().run(Connection::pauseReading);
        long before = pair.client().call(WritingContract::writeUntilShort);
        FileSender sender = new FileSender(file, 0, payload.length());
        CompletableFuture<Void> sent = sender.start(pair.client());
        pair.client().run(c -> file.truncate(100_000));
        assertThat(sent).as("there was no room to send all of the file").isNotDone();
        pair.server().run(Connection::resumeReading);
        Waiting.result(sent);
        assertThat(sender.sawEnd()).isTrue();
        assertThat(sender.position()).isEqualTo(100_000);
        pair.server().recorder().awaitReceived(before + 100_000);
        pair.settle();
        assertThat(pair.server().recorder().receivedBytes()).isEqualTo(before + 100_000);
    }

    @Test
    default void shouldMoveNothingWhenAskedForNothing() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(75, 10));
        pair.client().run(c -> {
            assertThat(c.transferFrom(file, 0, 0)).isZero();
            assertThat(c.transferTo(file, 0, 0)).isZero();
        });
        pair.settle();
        assertThat(pair.client().recorder().writableCalls()).isZero();
    }

    @Test
    default void shouldRefuseNegativePositionsAndCounts() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(76, 10));
        pair.client().run(c -> {
            assertThatThrownBy(() -> c.transferFrom(file, -1, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> c.transferFrom(file, 0, -1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> c.transferTo(file, -1, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> c.transferTo(file, 0, -1)).isInstanceOf(IllegalArgumentException.class);
        });
        pair.client().sendAll(new Payload(77, 10));
        pair.server().recorder().awaitReceived(10);
    }

    @Test
    default void shouldMixFilesAndBuffersInOrder() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(78, 1000));
        pair.client().run(c -> {
            c.write(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(c.transferFrom(file, 0, 1000)).isEqualTo(1000);
            c.write(ByteBuffer.wrap(new byte[] {3}));
        });
        pair.server().recorder().awaitReceived(1003);
        ByteBuffer expected = ByteBuffer.allocate(1003).put(new byte[] {1, 2});
        expected.put(new Payload(78, 1000).bytes()).put((byte) 3);
        assertThat(pair.server().recorder().receivedHead()).isEqualTo(expected.array());
    }

    // ---------------------------------------------------------------- into a file

    @Test
    default void shouldReceiveAWholeFile() throws Exception {
        Recorder server = new Recorder();
        ConnectionPair pair = harness().open(new Recorder(), server);
        Payload payload = new Payload(79, (9 << 20) + 1);
        FileReceiver receiver = new FileReceiver(harness().newFile(), 0, payload.length());
        pair.server().run(c -> server.onReadable(receiver::receive));
        pair.client().sendAll(payload);
        Waiting.result(receiver.done);
        assertThat(receiver.file.size()).isEqualTo(payload.length());
        assertThat(ContractHarness.sha256(receiver.file, 0, payload.length())).isEqualTo(payload.sha256());
    }

    @Test
    default void shouldReceiveIntoAPartOfAFileAndLeaveTheRestUnread() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        pair.client().sendAll(new Payload(80, 1000));
        FileReceiver receiver = new FileReceiver(harness().newFile(), 5000, 600);
        Waiting.until("the part received", () -> pair.server().call(receiver::receive));
        assertThat(receiver.file.size()).isEqualTo(5600);
        assertThat(ContractHarness.sha256(receiver.file, 5000, 5600)).isEqualTo(new Payload(80, 1000).sha256(0, 600));
        pair.server().run(Connection::resumeReading);
        pair.server().recorder().awaitReceived(400);
        pair.settle();
        assertThat(pair.server().recorder().receivedSha256()).isEqualTo(new Payload(80, 1000).sha256(600, 1000));
    }

    @Test
    default void shouldReceiveBytesPutBackFirst() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        Payload payload = new Payload(81, 1000);
        pair.client().sendAll(payload);
        byte[] first = pair.server().take(11);
        pair.server().run(c -> c.unread(ByteBuffer.wrap(first)));
        FileReceiver receiver = new FileReceiver(harness().newFile(), 0, payload.length());
        Waiting.until("all received", () -> pair.server().call(receiver::receive));
        assertThat(ContractHarness.sha256(receiver.file, 0, payload.length())).isEqualTo(payload.sha256());
    }

    @Test
    default void shouldReceiveNothingWhenNothingHasCome() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().newFile();
        pair.server().run(c -> assertThat(c.transferTo(file, 0, 10)).isZero());
        assertThat(file.size()).isZero();
    }

    @Test
    default void shouldTellTheEndWhenReceivingIntoAFile() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        pair.client().sendAll(new Payload(82, 10));
        pair.client().shutdownOutput();
        FileReceiver receiver = new FileReceiver(harness().newFile(), 0, 10);
        Waiting.until("all received", () -> pair.server().call(receiver::receive));
        FileChannel file = receiver.file;
        Waiting.until("the end", () -> pair.server().call(c -> c.transferTo(file, 10, 1)) == -1);
        assertThat(file.size()).isEqualTo(10);
    }

    /** Sends a range of a file, in as many calls as it takes. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the loop
    final class FileSender {
        private final FileChannel file;
        private final long end;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private volatile long position;
        private volatile boolean sawEnd;

        FileSender(FileChannel file, long begin, long end) {
            this.file = file;
            this.position = begin;
            this.end = end;
        }

        CompletableFuture<Void> start(Side side) throws Exception {
            side.run(c -> {
                side.recorder().onWritable(this::sendOn);
                sendOn(c);
            });
            return done;
        }

        long position() {
            return position;
        }

        boolean sawEnd() {
            return sawEnd;
        }

        private void sendOn(Connection connection) throws IOException {
            while (position < end) {
                long wanted = Math.min(end - position, Connection.MAX_TRANSFER_BYTES);
                long n = connection.transferFrom(file, position, end - position);
                if (n < 0) {
                    sawEnd = true;
                    break;
                }
                position += n;
                if (n < wanted && position < file.size()) {
                    return; // onWritable goes on
                }
            }
            done.complete(null);
        }
    }

    /** Receives a number of bytes into a file, in as many calls as it takes. */
    final class FileReceiver {
        final FileChannel file;
        final CompletableFuture<Void> done = new CompletableFuture<>();
        private final long begin;
        private final long count;
        private long moved;

        FileReceiver(FileChannel file, long begin, long count) {
            this.file = file;
            this.begin = begin;
            this.count = count;
        }

        /** Returns whether that was all. */
        boolean receive(Connection connection) throws IOException {
            long n = connection.transferTo(file, begin + moved, count - moved);
            assertThat(n).isBetween(0L, (long) Connection.MAX_TRANSFER_BYTES);
            moved += n;
            if (moved == count) {
                done.complete(null);
            }
            return moved == count;
        }
    }
}
