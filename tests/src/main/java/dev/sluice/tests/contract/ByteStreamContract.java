package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The blocking view: reading, writing, half-close, and every way in which a blocked call ends. */
interface ByteStreamContract {
    ContractHarness harness();

    @Test
    default void shouldReadAndWriteByBlockingCalls() throws Exception {
        Streams streams = openStreams();
        Payload there = new Payload(110, 1000);
        Payload back = new Payload(111, 2000);
        assertThat(streams.client().write(ByteBuffer.wrap(there.bytes()))).isEqualTo(1000);
        assertThat(readExactly(streams.server(), 1000)).isEqualTo(there.bytes());
        assertThat(streams.server().write(ByteBuffer.wrap(back.bytes()))).isEqualTo(2000);
        assertThat(readExactly(streams.client(), 2000)).isEqualTo(back.bytes());
        assertThat(streams.client().connection())
                .isSameAs(streams.pair().client().connection());
    }

    @Test
    default void shouldCarryLargeTransfersBothWaysAtOnceByBlockingCalls() throws Exception {
        Streams streams = openStreams();
        Payload there = new Payload(112, 24 << 20);
        Payload back = new Payload(113, 24 << 20);
        var writerThere = Worker.start(() -> writeAll(streams.client(), there, 100_001));
        var writerBack = Worker.start(() -> writeAll(streams.server(), back, 65_536));
        var readerBack = Worker.start(() -> sha256(streams.client(), back.length()));
        assertThat(sha256(streams.server(), there.length())).isEqualTo(there.sha256());
        assertThat(readerBack.join()).isEqualTo(back.sha256());
        writerThere.join();
        writerBack.join();
    }

    @Test
    default void shouldCarryBytesOneAtATimeByBlockingCalls() throws Exception {
        Streams streams = openStreams();
        Payload payload = new Payload(114, 2000);
        var writer = Worker.start(() -> writeAll(streams.client(), payload, 1));
        ByteBuffer all = ByteBuffer.allocate(2000);
        for (int i = 1; i <= 2000; i++) {
            assertThat(streams.server().read(all.limit(i))).isEqualTo(1);
        }
        assertThat(all.array()).isEqualTo(payload.bytes());
        writer.join();
    }

    /** A reader that lags behind a writer of many small pieces must not cost a large buffer for each of them. */
    @Test
    default void shouldHoldFewBuffersWhenManySmallPiecesWait() throws Exception {
        ConnectionPair pair = harness().open();
        ByteStream server = harness().closedAfterwards(pair.server().blocking());
        var sent = pair.client().send(new Payload(115, 5000), 1);
        Waiting.until(
                "all sent, or no room for more",
                () -> sent.isDone() || pair.client().recorder().shortages() > 0);
        pair.settle();
        assertThat(harness().buffers().outstandingBytes()).isLessThanOrEqualTo(1 << 20);
        assertThat(readExactly(server, 5000)).isEqualTo(new Payload(115, 5000).bytes());
        Waiting.result(sent);
    }

    @Test
    default void shouldReadNothingWhenThereIsNoRoom() throws Exception {
        Streams streams = openStreams();
        assertThat(streams.client().read(ByteBuffer.allocate(0))).isZero();
        assertThat(streams.client().write(ByteBuffer.allocate(0))).isZero();
    }

    @Test
    default void shouldReadAndWriteByInputAndOutputStream() throws Exception {
        Streams streams = openStreams();
        OutputStream out = streams.client().outputStream();
        InputStream in = streams.server().inputStream();
        assertThat(streams.client().outputStream()).isSameAs(out);
        assertThat(streams.server().inputStream()).isSameAs(in);
        out.write(200);
        out.write(new byte[] {0, 1, 2, 3, 0}, 1, 3);
        assertThat(in.read()).isEqualTo(200);
        assertThat(in.readNBytes(3)).containsExactly(1, 2, 3);
        assertThat(in.read(new byte[0])).isZero();
        Payload payload = new Payload(116, 3 << 20);
        var writer = Worker.start(() -> {
            out.write(payload.bytes());
            out.close();
            return null;
        });
        assertThat(in.readAllBytes()).isEqualTo(payload.bytes());
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(new byte[1])).isEqualTo(-1);
        writer.join();
        assertThat(streams.client().isOpen()).isFalse();
    }

    @Test
    default void shouldReturnBytesPutBackBeforeTheOthersByBlockingCalls() throws Exception {
        ConnectionPair pair = harness().open();
        pair.server().run(Connection::pauseReading);
        Payload payload = new Payload(117, 50);
        pair.client().sendAll(payload);
        byte[] magic = pair.server().take(11);
        ByteStream stream = harness().closedAfterwards(pair.server().call(c -> {
            c.unread(ByteBuffer.wrap(magic));
            return c.blocking();
        }));
        assertThat(readExactly(stream, 50)).isEqualTo(payload.bytes());
    }

    @Test
    default void shouldHandOverInTheMiddleOfACallback() throws Exception {
        CompletableFuture<ByteStream> handedOver = new CompletableFuture<>();
        Recorder server = new Recorder();
        server.onReadable(c -> {
            server.readOnce(c);
            handedOver.complete(c.blocking());
        });
        ConnectionPair pair = harness().open(new Recorder(), server.readSize(11));
        Payload payload = new Payload(118, 100_000);
        var sent = pair.client().send(payload);
        ByteStream stream = harness().closedAfterwards(Waiting.result(handedOver));
        assertThat(sha256(stream, payload.length() - 11)).isEqualTo(payload.sha256(11, payload.length()));
        Waiting.result(sent);
        assertThat(server.readableCalls()).isEqualTo(1);
    }

    @Test
    default void shouldHandOverOnAnotherThreadWhenReadingIsPaused() throws Exception {
        ConnectionPair pair = harness().open();
        assertThatThrownBy(() -> pair.server().connection().blocking())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("pause");
        pair.server().run(Connection::pauseReading);
        ByteStream stream =
                harness().closedAfterwards(pair.server().connection().blocking());
        pair.client().sendAll(new Payload(119, 10));
        assertThat(readExactly(stream, 10)).isEqualTo(new Payload(119, 10).bytes());
    }

    @Test
    default void shouldRefuseAnotherHandlerOrViewAfterTheHandOver() throws Exception {
        Streams streams = openStreams();
        streams.pair().client().run(c -> {
            assertThatThrownBy(() -> c.handler(new Recorder())).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(c::blocking).isInstanceOf(IllegalStateException.class);
        });
        streams.client().write(ByteBuffer.wrap(new byte[] {1}));
        assertThat(readExactly(streams.server(), 1)).containsExactly(1);
    }

    @Test
    default void shouldThrowWhenUsedOnALoop() throws Exception {
        Streams streams = openStreams();
        ByteStream stream = streams.client();
        var file = harness().newFile();
        streams.pair().client().run(c -> {
            assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.write(ByteBuffer.allocate(1))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.transferFrom(file, 0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.transferFrom(file, 0, 1 << 20)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.transferTo(file, 0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.transferTo(stream, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> stream.outputStream().write(1)).isInstanceOf(IllegalStateException.class);
        });
        assertThat(stream.isOpen()).isTrue();
    }

    // ---------------------------------------------------------------- half-close

    @Test
    default void shouldEndOneDirectionByBlockingCalls() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        Streams streams = openStreams();
        streams.client().write(ByteBuffer.wrap(new byte[] {1, 2}));
        streams.client().shutdownOutput();
        streams.client().shutdownOutput();
        assertThat(readExactly(streams.server(), 2)).containsExactly(1, 2);
        assertThat(streams.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(streams.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        Payload back = new Payload(120, 1 << 20);
        var writer = Worker.start(() -> writeAll(streams.server(), back, 65_536));
        assertThat(sha256(streams.client(), back.length())).isEqualTo(back.sha256());
        writer.join();
        streams.server().shutdownOutput();
        assertThat(streams.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(streams.client().isOpen()).isTrue();
    }

    @Test
    default void shouldRefuseToWriteButStayOpenWhenOutputWasShutDownByBlockingCalls() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        Streams streams = openStreams();
        streams.client().shutdownOutput();
        assertThatThrownBy(() -> streams.client().write(ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended its output");
        streams.server().write(ByteBuffer.wrap(new byte[] {3}));
        assertThat(readExactly(streams.client(), 1)).containsExactly(3);
    }

    // ---------------------------------------------------------------- the end

    @Test
    default void shouldDeliverWhatWasWrittenWhenTheStreamIsClosed() throws Exception {
        Streams streams = openStreams();
        Payload payload = new Payload(121, 4 << 20);
        var writer = Worker.start(() -> {
            writeAll(streams.client(), payload, 65_536);
            streams.client().close();
            return null;
        });
        assertThat(sha256(streams.server(), payload.length())).isEqualTo(payload.sha256());
        assertThat(streams.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        writer.join();
    }

    /** The peer sends before it reads, to a socket that would answer with a reset if it were gone. */
    @Test
    default void shouldDeliverWhatWasWrittenWhenTheStreamIsClosedUnderABlockedReader() throws Exception {
        Streams streams = openStreams();
        Payload payload = new Payload(122, 128 << 10);
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(10)))
                .awaitBlocked();
        writeAll(streams.client(), payload, 64 << 10);
        streams.client().close();
        streams.pair().settle();
        streams.server().write(ByteBuffer.wrap(new byte[100]));
        assertThat(reader.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        assertThat(sha256(streams.server(), payload.length())).isEqualTo(payload.sha256());
        assertThat(streams.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        streams.server().close();
        Waiting.until("closed", () -> streams.pair().client().connection().state() == ConnectionState.CLOSED);
    }

    @Test
    default void shouldEndABlockedReadWhenTheStreamIsClosedAndThePeerEnds() throws Exception {
        Streams streams = openStreams();
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(10)))
                .awaitBlocked();
        streams.client().write(ByteBuffer.wrap(new byte[] {4}));
        streams.client().close();
        assertThat(readExactly(streams.server(), 1)).containsExactly(4);
        assertThat(streams.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        streams.server().close();
        assertThat(reader.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        Waiting.until("closed", () -> streams.pair().client().connection().state() == ConnectionState.CLOSED);
    }

    @Test
    default void shouldTellCloseListenersWhenTheStreamIsClosed() throws Exception {
        Streams streams = openStreams();
        CompletableFuture<TransportException> closed = new CompletableFuture<>();
        streams.pair().client().run(c -> c.whenClosed(closed::complete));
        assertThat(streams.client().isOpen()).isTrue();
        streams.client().close();
        streams.client().close();
        assertThat(Waiting.result(closed).reason()).isEqualTo(Reason.CLOSED);
        assertThat(streams.client().isOpen()).isFalse();
        assertThat(streams.pair().client().connection().state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    default void shouldThrowWhenUsedAfterItWasClosed() throws Exception {
        Streams streams = openStreams();
        streams.client().close();
        assertThatThrownBy(() -> streams.client().write(ByteBuffer.allocate(1)))
                .isInstanceOf(TransportException.class)
                .extracting(e -> ((TransportException) e).reason())
                .isEqualTo(Reason.CLOSED);
        assertThatThrownBy(() -> readExactly(streams.client(), 1)).isInstanceOf(TransportException.class);
    }

    @Test
    default void shouldEndABlockedReadWhenAnotherThreadCloses() throws Exception {
        Streams streams = openStreams();
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(1)))
                .awaitBlocked();
        streams.client().close();
        assertThat(reader.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    }

    @Test
    default void shouldEndABlockedWriteWhenAnotherThreadCloses() throws Exception {
        Streams streams = openStreams();
        var writer = Worker.start(() -> writeForEver(streams.client())).awaitBlocked();
        streams.client().close();
        assertThat(writer.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        streams.server().abort();
    }

    @Test
    default void shouldEndBlockedCallsWhenAnotherThreadAborts() throws Exception {
        Streams streams = openStreams();
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(1)))
                .awaitBlocked();
        var writer = Worker.start(() -> writeForEver(streams.client())).awaitBlocked();
        streams.client().abort();
        streams.client().abort();
        for (Throwable failure : new Throwable[] {reader.failure(), writer.failure()}) {
            assertThat(failure)
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        }
        assertThat(streams.client().isOpen()).isFalse();
    }

    @Test
    default void shouldTellResetWhenThePeerAbortsABlockedRead() throws Exception {
        harness().assume(Capability.RESET);
        Streams streams = openStreams();
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(1)))
                .awaitBlocked();
        streams.server().abort();
        assertThat(reader.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
        Waiting.until("closed", () -> streams.pair().client().connection().state() == ConnectionState.CLOSED);
    }

    @Test
    default void shouldTellResetWhenThePeerIsGoneDuringABlockedWrite() throws Exception {
        Streams streams = openStreams();
        var writer = Worker.start(() -> writeForEver(streams.client())).awaitBlocked();
        streams.server().abort();
        assertThat(writer.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
    }

    @Test
    default void shouldCloseTheStreamWhenABlockedReadIsInterrupted() throws Exception {
        Streams streams = openStreams();
        interruptAndCheck(
                streams, Worker.start(() -> keepInterrupt(() -> streams.client().read(ByteBuffer.allocate(1)))));
    }

    @Test
    default void shouldCloseTheStreamWhenABlockedWriteIsInterrupted() throws Exception {
        Streams streams = openStreams();
        interruptAndCheck(streams, Worker.start(() -> keepInterrupt(() -> writeForEver(streams.client()))));
    }

    private static void interruptAndCheck(Streams streams, Worker<?> worker) {
        worker.awaitBlocked().thread().interrupt();
        assertThat(worker.failure())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED))
                .hasMessageContaining("interrupted");
        Waiting.until("closed", () -> streams.pair().client().connection().state() == ConnectionState.CLOSED);
        assertThat(streams.client().isOpen()).isFalse();
    }

    /** Runs a call that is interrupted, and fails if the thread is not told so any more. */
    private static <T> T keepInterrupt(java.util.concurrent.Callable<T> blocked) throws Exception {
        try {
            return blocked.call();
        } catch (TransportException e) {
            assertThat(Thread.currentThread().isInterrupted())
                    .as("the interrupt is kept")
                    .isTrue();
            throw e;
        }
    }

    @Test
    default void shouldEndBlockedCallsWhenTheLoopsEnd() throws Exception {
        Streams streams = openStreams();
        var reader = Worker.start(() -> streams.client().read(ByteBuffer.allocate(1)))
                .awaitBlocked();
        harness().group().close();
        // The loop of the other side may have ended first: then this side sees what that one did.
        try {
            assertThat(reader.join()).isEqualTo(-1);
            assertThat(harness().can(Capability.RESET)).isFalse();
        } catch (TransportException e) {
            assertThat(e.reason()).isIn(Reason.SHUTDOWN, Reason.RESET, Reason.TRUNCATED);
        }
        streams.client().close();
        streams.client().abort();
    }

    // ---------------------------------------------------------------- what these tests and those of transfers use

    /** The blocking views of both sides of a pair. */
    record Streams(ConnectionPair pair, ByteStream client, ByteStream server) {}

    private Streams openStreams() throws Exception {
        return openStreams(harness());
    }

    static Streams openStreams(ContractHarness harness) throws Exception {
        ConnectionPair pair = harness.open();
        ByteStream client = harness.closedAfterwards(pair.client().blocking());
        return new Streams(pair, client, harness.closedAfterwards(pair.server().blocking()));
    }

    static byte[] readExactly(ByteStream stream, int bytes) throws TransportException {
        ByteBuffer dst = ByteBuffer.allocate(bytes);
        while (dst.hasRemaining()) {
            assertThat(stream.read(dst)).as("bytes read").isPositive();
        }
        return dst.array();
    }

    static String sha256(ByteStream stream, long bytes) throws TransportException {
        var digest = Payload.newSha256();
        ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        for (long at = 0; at < bytes; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), bytes - at));
            int n = stream.read(piece);
            assertThat(n).as("bytes read after %s", at).isPositive();
            digest.update(piece.flip());
            at += n;
        }
        return Payload.hex(digest);
    }

    static long writeAll(ByteStream stream, Payload payload, int pieceBytes) throws TransportException {
        ByteBuffer piece = ByteBuffer.allocateDirect(pieceBytes);
        for (long at = 0; at < payload.length(); ) {
            payload.fill(at, piece.clear());
            at += stream.write(piece.flip());
            assertThat(piece.hasRemaining()).as("written in full").isFalse();
        }
        return payload.length();
    }

    static long writeForEver(ByteStream stream) throws TransportException {
        ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        while (true) {
            stream.write(piece.clear());
        }
    }
}
