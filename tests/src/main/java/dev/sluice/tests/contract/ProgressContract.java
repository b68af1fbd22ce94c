package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.tests.contract.ByteStreamContract.Streams;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.junit.jupiter.api.Test;

/** Progress: grows when bytes move, however they do, and only then, by as many as moved. */
interface ProgressContract {
    ContractHarness harness();

    @Test
    default void shouldShowProgressOnBothSidesWhenBytesMove() throws Exception {
        ConnectionPair pair = harness().open();
        pair.settle();
        long client = pair.client().connection().progress();
        long server = pair.server().connection().progress();
        pair.client().sendAll(new Payload(150, 10));
        pair.server().recorder().awaitReceived(10);
        pair.settle();
        assertThat(pair.client().connection().progress()).as("of the writer").isGreaterThan(client);
        assertThat(pair.server().connection().progress()).as("of the reader").isGreaterThan(server);
    }

    @Test
    default void shouldShowNoProgressWhenNothingMoves() throws Exception {
        ConnectionPair pair = harness().open();
        pair.settle();
        long client = pair.client().connection().progress();
        long server = pair.server().connection().progress();
        pair.client().run(c -> {
            c.write(ByteBuffer.allocate(0));
            c.read(ByteBuffer.allocate(10));
            c.pauseReading();
            c.resumeReading();
        });
        pair.settle();
        assertThat(pair.client().connection().progress()).isEqualTo(client);
        assertThat(pair.server().connection().progress()).isEqualTo(server);
    }

    @Test
    default void shouldShowProgressOnBothSidesWhenAFileIsSent() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(151, 1000));
        long client = pair.client().connection().progress();
        pair.client().run(c -> c.transferFrom(file, 0, 1000));
        pair.server().recorder().awaitReceived(1000);
        pair.settle();
        assertThat(pair.client().connection().progress()).isGreaterThan(client);
    }

    @Test
    default void shouldShowProgressOnBothSidesWhenBytesMoveByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        for (int bytes : new int[] {10, 1000, 100}) {
            long client = streams.client().connection().progress();
            long server = streams.server().connection().progress();
            streams.client().write(ByteBuffer.wrap(new Payload(152, bytes).bytes()));
            ByteStreamContract.readExactly(streams.server(), bytes);
            awaitProgress(streams.client(), client);
            awaitProgress(streams.server(), server);
        }
    }

    /** On every path that a file may take into a socket. */
    @Test
    default void shouldShowProgressWhenFilesAreSentByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        for (int bytes : new int[] {1000, 100_000, 2 << 20}) {
            Payload payload = new Payload(153, bytes);
            FileChannel file = harness().file(payload);
            long client = streams.client().connection().progress();
            var sender = Worker.start(() -> streams.client().transferFrom(file, 0, bytes));
            assertThat(ByteStreamContract.sha256(streams.server(), bytes)).isEqualTo(payload.sha256());
            sender.join();
            awaitProgress(streams.client(), client);
        }
    }

    /** A writer that waits for its peer has moved what the peer has taken, though its call does not return. */
    @Test
    default void shouldShowProgressOfALongWriteWhileItWaits() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(154, 24 << 20);
        var writer = Worker.start(() -> streams.client().write(ByteBuffer.wrap(payload.bytes())));
        writer.awaitBlocked();
        long client = streams.client().connection().progress();
        ByteStreamContract.readExactly(streams.server(), 16 << 20);
        awaitProgress(streams.client(), client);
        ByteStreamContract.readExactly(streams.server(), 8 << 20);
        writer.join();
    }

    @Test
    default void shouldCountTheBytesOfEachDirection() throws Exception {
        ConnectionPair pair = harness().open();
        FileChannel file = harness().file(new Payload(155, 1000));
        pair.client().sendAll(new Payload(156, 10));
        pair.client().run(c -> c.transferFrom(file, 0, 1000));
        pair.server().recorder().awaitReceived(1010);
        pair.server().sendAll(new Payload(157, 300));
        pair.client().recorder().awaitReceived(300);
        assertBytes(pair.client().connection(), 300, 1010);
        assertBytes(pair.server().connection(), 1010, 300);
    }

    @Test
    default void shouldCountTheBytesOfBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Connection client = streams.client().connection();
        Connection server = streams.server().connection();
        long before = client.bytesOut();
        int bytes = 2 << 20;
        FileChannel file = harness().file(new Payload(158, bytes));
        var sender = Worker.start(() -> {
            streams.client().transferFrom(file, 0, bytes);
            return streams.client().write(ByteBuffer.wrap(new Payload(159, 100).bytes()));
        });
        ByteStreamContract.sha256(streams.server(), bytes + 100);
        sender.join();
        Waiting.until("all to be counted", () -> client.bytesOut() - before == bytes + 100);
        Waiting.until("all to be counted", () -> server.bytesIn() == client.bytesOut());
    }

    private static void assertBytes(Connection connection, long in, long out) {
        Waiting.until("all to be counted", () -> connection.progress() >= in + out);
        assertThat(connection.bytesIn()).as("bytes in").isEqualTo(in);
        assertThat(connection.bytesOut()).as("bytes out").isEqualTo(out);
    }

    private static void awaitProgress(ByteStream stream, long before) {
        Connection connection = stream.connection();
        Waiting.until("progress", () -> connection.progress() > before);
    }
}
