package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.ByteStreamContract.Streams;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The blocking view: files and other streams. */
interface ByteStreamTransferContract {
    ContractHarness harness();

    @Test
    default void shouldSendFilesOfAnySizeByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        for (int size : new int[] {1, 1000, 65_536, 65_537, 1 << 20, (8 << 20) + 1, 45 << 20}) {
            Payload payload = new Payload(size, size);
            FileChannel file = harness().file(payload);
            var sender = Worker.start(() -> streams.client().transferFrom(file, 0, size));
            assertThat(ByteStreamContract.sha256(streams.server(), size)).isEqualTo(payload.sha256());
            assertThat(sender.join()).isEqualTo(size);
        }
    }

    @Test
    default void shouldSendAPartOfAFileByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(130, 20 << 20);
        FileChannel file = harness().file(payload);
        long begin = 4097;
        long end = (17 << 20) + 3;
        var sender = Worker.start(() -> streams.client().transferFrom(file, begin, end - begin));
        assertThat(ByteStreamContract.sha256(streams.server(), end - begin)).isEqualTo(payload.sha256(begin, end));
        assertThat(sender.join()).isEqualTo(end - begin);
    }

    @Test
    default void shouldSendLessWhenTheFileIsShorterThanAskedForByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        for (int size : new int[] {0, 1000, 9 << 20}) {
            Payload payload = new Payload(131, size);
            FileChannel file = harness().file(payload);
            var sender = Worker.start(() -> streams.client().transferFrom(file, 0, 64 << 20));
            assertThat(ByteStreamContract.sha256(streams.server(), size)).isEqualTo(payload.sha256());
            assertThat(sender.join()).isEqualTo(size);
            assertThat(streams.client().transferFrom(file, size + 10, 1 << 20)).isZero();
            assertThat(streams.client().transferFrom(file, size, 10)).isZero();
        }
    }

    @Test
    default void shouldSendLessWhenTheFileShrinksMeanwhileByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(132, 64 << 20);
        FileChannel file = harness().file(payload);
        var sender = Worker.start(() -> {
            try {
                return streams.client().transferFrom(file, 0, payload.length());
            } finally {
                streams.client().close();
            }
        });
        sender.awaitBlocked(); // the reader reads nothing yet
        file.truncate(1000);
        ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        long received = 0;
        try {
            for (int n = 0; n >= 0; n = streams.server().read(piece.clear())) {
                received += n;
            }
            assertThat(sender.join()).as("sent").isEqualTo(received).isLessThan(payload.length());
        } catch (TransportException e) {
            // A path that cannot say how much went out before it noticed cuts the connection instead.
            assertThat(sender.failure()).isInstanceOf(TransportException.class);
        }
    }

    @Test
    default void shouldReceiveIntoAFileByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(133, 10 << 20);
        FileChannel file = harness().newFile();
        var writer = Worker.start(() -> ByteStreamContract.writeAll(streams.client(), payload, 50_000));
        long part = (7 << 20) + 5;
        assertThat(streams.server().transferTo(file, 100, part)).isEqualTo(part);
        assertThat(file.size()).isEqualTo(100 + part);
        assertThat(ContractHarness.sha256(file, 100, 100 + part)).isEqualTo(payload.sha256(0, part));
        assertThat(ByteStreamContract.sha256(streams.server(), payload.length() - part))
                .isEqualTo(payload.sha256(part, payload.length()));
        writer.join();
    }

    @Test
    default void shouldReceiveLessWhenThePeerEndsByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        FileChannel file = harness().newFile();
        streams.client().write(ByteBuffer.wrap(new Payload(134, 1000).bytes()));
        streams.client().close();
        assertThat(streams.server().transferTo(file, 0, 1 << 20)).isEqualTo(1000);
        assertThat(streams.server().transferTo(file, 1000, 1 << 20)).isZero();
        assertThat(ContractHarness.sha256(file, 0, 1000)).isEqualTo(new Payload(134, 1000).sha256());
    }

    @Test
    default void shouldMoveNothingWhenAskedForNothingByBlockingCalls() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        FileChannel file = harness().file(new Payload(135, 10));
        assertThat(streams.client().transferFrom(file, 0, 0)).isZero();
        assertThat(streams.client().transferTo(file, 0, 0)).isZero();
        assertThat(streams.client().transferTo(streams.server(), 0)).isZero();
    }

    @Test
    default void shouldMoveBytesFromStreamToStream() throws Exception {
        Streams first = ByteStreamContract.openStreams(harness());
        Streams second = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(136, 12 << 20);
        var writer = Worker.start(() -> {
            ByteStreamContract.writeAll(first.client(), payload, 65_536);
            first.client().close();
            return null;
        });
        long part = 5 << 20;
        var relay = Worker.start(() -> {
            long moved = first.server().transferTo(second.client(), part);
            assertThat(moved).isEqualTo(part);
            return moved + first.server().transferTo(second.client(), Long.MAX_VALUE);
        });
        assertThat(ByteStreamContract.sha256(second.server(), payload.length())).isEqualTo(payload.sha256());
        assertThat(relay.join()).isEqualTo(payload.length());
        writer.join();
    }

    @Test
    default void shouldEndABlockedFileTransferWhenAnotherThreadAborts() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        FileChannel file = harness().file(new Payload(137, 64 << 20));
        var sender = Worker.start(() -> streams.client().transferFrom(file, 0, 64 << 20))
                .awaitBlocked();
        FileChannel into = harness().newFile();
        var receiver =
                Worker.start(() -> streams.client().transferTo(into, 0, 1000)).awaitBlocked();
        streams.client().abort();
        for (Throwable failure : new Throwable[] {sender.failure(), receiver.failure()}) {
            assertThat(failure)
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        }
        assertThat(file.isOpen()).as("the file is the caller's").isTrue();
    }

    /** A transfer that was cut must not look like one that is complete, however fast the peer reads. */
    @Test
    default void shouldNotLookCompleteWhenAFileTransferIsCut() throws Exception {
        harness().assume(Capability.RESET);
        Payload payload = new Payload(141, 48 << 20);
        FileChannel file = harness().file(payload);
        for (int attempt = 0; attempt < 10; attempt++) {
            Streams streams = ByteStreamContract.openStreams(harness());
            var sender = Worker.start(() -> streams.client().transferFrom(file, 0, payload.length()));
            ByteStreamContract.readExactly(streams.server(), 2 << 20);
            var canceller = Worker.start(() -> {
                streams.client().abort();
                return null;
            });
            assertThatThrownBy(() -> drain(streams.server()))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
            Waiting.until("the sender's call ends", sender.result()::isDone); // it may have given all to the kernel
            canceller.join();
        }
    }

    private static void drain(ByteStream stream) throws TransportException {
        ByteBuffer piece = ByteBuffer.allocateDirect(256 << 10);
        while (stream.read(piece.clear()) >= 0) {
            assertThat(piece.position()).isPositive();
        }
    }

    @Test
    default void shouldTellResetWhenThePeerIsGoneDuringAFileTransfer() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        FileChannel file = harness().file(new Payload(138, 64 << 20));
        var sender = Worker.start(() -> streams.client().transferFrom(file, 0, 64 << 20))
                .awaitBlocked();
        streams.server().abort();
        assertThat(sender.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
    }

    @Test
    default void shouldThrowWhenTheFileIsClosed() throws Exception {
        for (int count : new int[] {10, 16 << 20}) {
            Streams streams = ByteStreamContract.openStreams(harness());
            FileChannel file = harness().file(new Payload(139, count));
            file.close();
            assertThatThrownBy(() -> streams.client().transferFrom(file, 0, count))
                    .isInstanceOf(TransportException.class);
        }
    }

    @Test
    default void shouldWorkOnVirtualThreadsWhereThereAreSome() throws Exception {
        Streams streams = ByteStreamContract.openStreams(harness());
        Payload payload = new Payload(140, 24 << 20);
        FileChannel file = harness().file(payload);
        var sender = startVirtual(() -> {
            long sent = streams.client().transferFrom(file, 0, payload.length());
            ByteStreamContract.writeAll(streams.client(), payload, 65_536);
            streams.client().close();
            return sent;
        });
        FileChannel into = harness().newFile();
        var receiver = startVirtual(() -> {
            long received = streams.server().transferTo(into, 0, payload.length());
            return received + ByteStreamContract.sha256(streams.server(), payload.length());
        });
        assertThat(Waiting.result(sender)).isEqualTo(payload.length());
        assertThat(Waiting.result(receiver)).isEqualTo(payload.length() + payload.sha256());
        assertThat(ContractHarness.sha256(into, 0, payload.length())).isEqualTo(payload.sha256());
    }

    /** {@code Thread.startVirtualThread}, which is there since Java 21. */
    private static <T> CompletableFuture<T> startVirtual(Callable<T> body) throws ReflectiveOperationException {
        assumeTrue(Runtime.version().feature() >= 21, "this Java has no virtual threads");
        CompletableFuture<T> result = new CompletableFuture<>();
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        start.invoke(null, Worker.task(body, result));
        return result;
    }
}
