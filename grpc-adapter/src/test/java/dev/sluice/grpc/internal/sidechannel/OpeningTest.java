package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server, against clients that are scripts. */
class OpeningTest extends SessionFixture {
    private static final String MAGIC = "736964656368616e6e656c";
    private static final SidechannelOffer FRAMED = new SidechannelOffer(List.of("7"), false);
    private static final SidechannelOffer UNFRAMED = new SidechannelOffer(List.of("7"), true);

    private Future<ByteStream> opening(SidechannelOffer offer) throws Exception {
        return opening(offer, LIMIT);
    }

    private Future<ByteStream> opening(SidechannelOffer offer, Duration limit) throws Exception {
        Yamux session = serverOfScript();
        return begin(() -> Opening.open(session, offer, limit));
    }

    private static AbstractThrowableAssert<?, ?> assertFails(Future<?> task, Reason reason) {
        return assertThatThrownBy(() -> result(task))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void shouldSpeakWithAClientThatKnowsPacketsOnly() throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        ByteStream client = accepted();
        assertThat(readHex(client, 19)).isEqualTo(MAGIC + "0000000000000007");
        writeHex(client, "6f6b" + "3030303968656c6c6f30303030"); // ok, hello, the end; all at once
        ByteStream server = result(opening);
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("hello");
        server.outputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
        server.close();
        assertThat(client.inputStream().readAllBytes()).asString().isEqualTo("answer");
        client.close();
    }

    @Test
    void shouldSpeakWithAClientThatHalfClosesTheStreamItself() throws Exception {
        Future<ByteStream> opening = opening(UNFRAMED);
        ByteStream client = accepted();
        assertThat(readHex(client, 19)).isEqualTo(MAGIC + "fffffffffffffff8");
        writeHex(client, "6863" + "68656c6c6f");
        client.shutdownOutput();
        ByteStream server = result(opening);
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("hello");
        server.outputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
        server.close();
        assertThat(client.inputStream().readAllBytes()).asString().isEqualTo("answer");
        client.close();
    }

    @Test
    void shouldReadWhatComesOneByteAtATime() throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        ByteStream client = accepted();
        readHex(client, 19);
        Future<String> read =
                begin(() -> new String(result(opening).inputStream().readAllBytes(), StandardCharsets.US_ASCII));
        for (byte b : "ok0009hello00040005!0000".getBytes(StandardCharsets.US_ASCII)) {
            client.write(ByteBuffer.wrap(new byte[] {b}));
            result(clientSession.get().ping().toCompletableFuture()); // so that this byte came alone
        }
        assertThat(result(read)).isEqualTo("hello!");
        client.close();
    }

    @Test
    void shouldFailTheReaderOfAClientThatClosesWithoutAnEnd() throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        ByteStream client = accepted();
        readHex(client, 19);
        writeHex(client, "6f6b" + "3030303968656c6c6f");
        client.close();
        ByteStream server = result(opening);
        assertThat(server.inputStream().readNBytes(5)).asString().isEqualTo("hello");
        assertThatThrownBy(() -> server.inputStream().read()).hasMessageStartingWith("sidechannel: unexpected EOF");
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'6f6f', 'sidechannel: expected ok, got \"oo\"'",
        "'6863', 'sidechannel: expected ok, got \"hc\"'",
        "'00ff', 'sidechannel: expected ok, got \"\\x00\\xff\"'"
    })
    void shouldRefuseAnotherConfirmation(String confirmation, String text) throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        writeHex(accepted(), confirmation);
        assertFails(opening, Reason.PROTOCOL_ERROR).hasMessage(text);
    }

    @Test
    void shouldRefuseTheConfirmationOfPacketsWhereThereAreNone() throws Exception {
        Future<ByteStream> opening = opening(UNFRAMED);
        writeHex(accepted(), "6f6b");
        assertFails(opening, Reason.PROTOCOL_ERROR).hasMessage("sidechannel: expected hc, got \"ok\"");
    }

    @ParameterizedTest
    @CsvSource({"'', EOF", "6f, unexpected EOF"})
    void shouldFailWhenTheClientClosesInstead(String before, String text) throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        ByteStream client = accepted();
        writeHex(client, before);
        client.close();
        assertFails(opening, Reason.TRUNCATED).hasMessage("sidechannel: receive confirmation: " + text);
    }

    @Test
    void shouldFailWhenTheClientCutsTheStream() throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        accepted().abort();
        assertFails(opening, Reason.RESET).hasMessageStartingWith("sidechannel: receive confirmation: ");
    }

    @Test
    void shouldCutTheStreamWhenNoConfirmationComes() throws Exception {
        Future<ByteStream> opening = opening(FRAMED, Duration.ofMillis(50));
        ByteStream client = accepted();
        assertFails(opening, Reason.TIMEOUT).hasMessage("sidechannel: receive confirmation: no answer within 50 ms");
        readHex(client, 19);
        assertThatThrownBy(() -> client.inputStream().read()).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldWaitFiveSecondsForAConfirmation() {
        assertThat(Opening.LIMIT).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void shouldFailWhenTheSessionIsOver() throws Exception {
        Yamux session = serverOfScript();
        session.close();
        result(session.ended().toCompletableFuture());
        Future<ByteStream> opening = begin(() -> Opening.open(session, FRAMED));
        assertFails(opening, Reason.CLOSED).hasMessageStartingWith("sidechannel: open stream: ");
    }

    @Test
    void shouldCutTheStreamWhenItsThreadIsInterrupted() throws Exception {
        Future<ByteStream> opening = opening(FRAMED);
        ByteStream client = accepted();
        readHex(client, 19);
        assertThat(opening.cancel(true)).isTrue();
        assertThatThrownBy(opening::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> client.inputStream().read()).isInstanceOf(TransportException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "seven"})
    void shouldOpenNothingForWhatIsNoNumber(String id) throws Exception {
        Future<ByteStream> opening = opening(new SidechannelOffer(List.of(id), true));
        assertFails(opening, Reason.PROTOCOL_ERROR).hasMessageContaining("sidechannel-id is no decimal number");
        assertThat(result(serverSession.get().stats().toCompletableFuture()).opened())
                .isZero();
    }

    @Test
    void shouldSpeakPacketsWithAClientThatCountsBelowZero() throws Exception {
        Future<ByteStream> opening = opening(new SidechannelOffer(List.of("-2"), true));
        ByteStream client = accepted();
        assertThat(readHex(client, 19)).isEqualTo(MAGIC + "fffffffffffffffe");
        writeHex(client, "6f6b");
        assertThat(result(opening)).isInstanceOf(FramedServerStream.class);
        client.close();
    }
}
