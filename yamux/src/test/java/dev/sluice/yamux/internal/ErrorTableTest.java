package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a session does about each thing that can go wrong: end, reset one stream, fail one call, or nothing. */
class ErrorTableTest {
    private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";
    private static final String SYN_1 = "000100010000000100000000";
    private static final String FIN_1 = "000100040000000100000000";
    private static final String RESET_1 = "000100080000000100000000";

    private final DrivenSession server = new DrivenSession(Role.SERVER);

    @ParameterizedTest
    @CsvSource({
        "bad version,            010000000000000100000000",
        "bad type,               000400000000000100000000",
        "data on id 0,           000000000000000000000000",
        "SYN on id 0,            000100010000000000000000",
        "window update on id 0,  000100000000000000000001",
        "wrong parity,           000100010000000200000000",
        "SYN on a live id,       000100010000000700000000",
        "data+SYN on a live id,  000000010000000700000000",
        "data beyond the window, 000000000000000700040001",
        "huge data,              0000000000000007ffffffff",
        "first data too long,    000000010000000100040001",
        "first data huge,        0000000100000001ffffffff",
    })
    void shouldEndTheSessionAtTheHeaderWhenThePeerBreaksTheProtocol(String what, String header) {
        server.receive("000100010000000700000000");
        server.output();
        YamuxStream other = server.only();
        server.send(other, new byte[100]);

        server.receiveOneByOne(header);

        assertThat(server.ended.reason()).as(what).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(server.output()).as("no queued data").isEqualTo(GO_AWAY_PROTOCOL_ERROR);
        assertThat(DrivenSession.of(other).failure).isSameAs(server.ended);
        assertThat(server.session.stats().memoryBytes()).isZero();
        server.receive(SYN_1 + "ff");
        assertThat(server.offered).hasSize(1);
        assertThatThrownBy(server.session::open)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR));
    }

    @ParameterizedTest
    @CsvSource({
        "second FIN,                 000100040000000100000000 000000040000000100000000",
        "stray ACK,                  000100020000000100000000 000100020000000100000000",
        "data after FIN,             000000000000000100000002 6869",
        "data with FIN after FIN,    000000040000000100000002 6869",
        "data of an unknown stream,  000000000000000500000002 6869",
        "FIN of an unknown stream,   000100040000000500000000",
        "RST of an unknown stream,   000100080000000500000000",
        "ACK of an unknown stream,   000100020000000600000000",
        "update of an unknown one,   000100000000000500000001",
        "SYN with RST,               0001000900000005ffffffff",
        "unmatched pong,             000200020000000000000063",
        "ping that asks nothing,     000200000000000000000063",
        "unknown flags,              0001fff00000000100000000",
        "empty data,                 000000000000000100000000",
    })
    void shouldIgnoreWithoutAnAnswer(String what, String frames) {
        server.receive(SYN_1 + FIN_1);
        server.output();

        server.receiveOneByOne(frames);

        assertThat(server.output()).as(what).isEmpty();
        assertThat(server.ended).isNull();
        assertThat(server.offered).hasSize(1);
        assertThat(DrivenSession.of(server.only()).bytes.size()).isZero();
        server.receive("000100010000000900000000");
        assertThat(server.offered).as("the next frame is understood").hasSize(2);
    }

    @Test
    void shouldAnswerAPingWithAnIdWithoutOne() {
        server.receive("00020001 00000005 00000007");
        assertThat(server.output()).isEqualTo("000200020000000000000007");
    }

    @Test
    void shouldAnswerAPingThatIsMarkedAsAnAnswerToo() {
        server.receive("00020003 00000000 00000007");
        assertThat(server.output()).isEqualTo("000200020000000000000007");
    }

    @Test
    void shouldEndTheSessionWhenDataAfterFinExceedsTheWindow() {
        server.receive(SYN_1 + FIN_1);
        server.receive("000000000000000100040001");
        assertThat(server.ended.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void shouldSaturateWhenThePeerGrantsMoreThanANumberCanSay() throws Exception {
        DrivenSession client = new DrivenSession(Role.CLIENT);
        YamuxStream stream = client.session.open();
        for (int i = 0; i < 3; i++) {
            client.receive("0001000000000001ffffffff");
        }
        assertThat(stream.sendWindowBytes()).isEqualTo(0xFFFF_FFFFL);
        server.receive("0001000100000001ffffffff");
        assertThat(server.only().sendWindowBytes()).isEqualTo(0xFFFF_FFFFL);
        assertThat(client.ended).isNull();
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldSayTruncatedWhenInputEndsWithinAFrame() {
        server.receive("000000010000000100000003 61");
        server.session.endOfInput();
        assertThat(server.ended.reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(DrivenSession.of(server.only()).bytes).as("what came before").hasToString("a");
        assertThat(DrivenSession.of(server.only()).inputKept).isTrue();
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldEndOrderlyAndSayTruncatedToStreamsWhenInputEndsBetweenFrames() {
        server.receive(SYN_1);
        server.session.endOfInput();
        assertThat(server.ended.reason()).isEqualTo(Reason.CLOSED);
        assertThat(DrivenSession.of(server.only()).failure.reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldEndOrderlyWhenInputEndsWithoutStreams() {
        server.session.endOfInput();
        server.session.endOfInput();
        assertThat(server.ended.reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldFailWithTheCauseWhenTheConnectionFails() {
        server.receive(SYN_1);
        TransportException why = new TransportException(Reason.IO_ERROR, "gone");
        server.session.abort(why);
        server.session.abort(new TransportException(Reason.RESET, "again"));
        assertThat(server.ended).isSameAs(why);
        assertThat(DrivenSession.of(server.only()).failure).isSameAs(why);
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldEndTheSessionWhenTheConnectionTakesNothing() {
        server.receive(SYN_1);
        server.session.poll(server, 1000);
        server.session.endIfDone();
        if (server.session.isOver()) {
            server.session.poll(server, 1000);
        }
        server.pass(Duration.ofMillis(9_999));
        assertThat(server.ended).isNull();
        server.session.written(1);
        server.pass(Duration.ofMillis(9_999));
        assertThat(server.ended).isNull();
        server.pass(Duration.ofMillis(1));
        assertThat(server.ended.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(server.ended).hasMessageContaining("YamuxConfig.writeTimeout");
    }

    @Test
    void shouldResetTheStreamOnlyWhenItIsNotAcknowledgedInTime() throws Exception {
        DrivenSession client = new DrivenSession(Role.CLIENT, quiet().build());
        YamuxStream first = client.session.open();
        YamuxStream second = client.session.open();
        client.output();
        client.receive("000100000000000300000000"); // any frame is as good as an ACK
        client.pass(Duration.ofSeconds(75));
        assertThat(client.output()).isEqualTo(RESET_1);
        assertThat(DrivenSession.of(first).failure.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(second.isLive()).isTrue();
        assertThat(client.ended).isNull();
    }

    @Test
    void shouldEndTheSessionWhenToldToForAStreamThatIsNotAcknowledged() throws Exception {
        DrivenSession client = new DrivenSession(
                Role.CLIENT, quiet().openTimeoutEndsSession(true).build());
        client.session.open();
        client.output();
        client.pass(Duration.ofSeconds(75));
        assertThat(client.ended.reason()).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void shouldResetAfterTheCloseTimeoutUnlessThePeerEnds() {
        DrivenSession quiet = new DrivenSession(Role.SERVER, quiet().build());
        quiet.receive(SYN_1 + "000100010000000300000000 000100010000000500000000");
        quiet.offered.get(0).close();
        quiet.offered.get(1).close();
        quiet.offered.get(2).endOutput();
        quiet.output();
        quiet.receive("000100040000000300000000");
        assertThat(DrivenSession.of(quiet.offered.get(1)).finished).isTrue();
        quiet.pass(Duration.ofMinutes(6));
        assertThat(quiet.output()).isEqualTo(RESET_1);
        assertThat(DrivenSession.of(quiet.offered.get(0)).failure.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(quiet.offered.get(2).isLive()).as("is still read").isTrue();
    }

    @Test
    void shouldSayNothingAfterTheCloseTimeoutOfAStreamThatStillWaits() throws Exception {
        DrivenSession client = new DrivenSession(
                Role.CLIENT, quiet().acceptBacklog(1).openTimeout(Duration.ZERO).build());
        client.session.open();
        YamuxStream waiting = client.session.open();
        client.output();
        waiting.close();
        client.pass(Duration.ofMinutes(5));

        assertThat(DrivenSession.of(waiting).failure.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(client.output()).as("the peer does not know of it").isEmpty();
    }

    @Test
    void shouldResetWhenThePeerStillSendsAfterTheClose() {
        server.receive(SYN_1);
        server.send(server.only(), new byte[] {1});
        server.only().close();
        server.receive("000000000000000100000001 61");
        assertThat(server.only().isLive()).as("before all was said").isTrue();
        assertThat(server.output())
                .isEqualTo("000100020000000100000000 00000000000000010000000101".replace(" ", "") + FIN_1 + RESET_1);
        assertThat(DrivenSession.of(server.only()).bytes.size()).isZero();
        assertThat(server.session.stats().memoryBytes()).isZero();
    }

    @Test
    void shouldStopThePeerWithinAFrameWhenItIsClosedThere() {
        server.receive(SYN_1 + "000000000000000100000003 61");
        server.only().close();
        server.output();
        server.receive("62");
        assertThat(server.output()).isEqualTo(RESET_1);
        server.receive("63" + "000200010000000000000007");
        assertThat(server.output()).as("the rest was drained").isEqualTo("000200020000000000000007");
    }

    @ParameterizedTest
    @CsvSource({"000100080000000100000007, 7", "000000080000000100000000, 0"})
    void shouldFailTheStreamOnlyWhenThePeerResetsIt(String reset, long code) {
        server.receive(SYN_1 + "000100010000000300000000 000000000000000100000001 61");
        YamuxStream stream = server.offered.get(0);
        server.send(stream, new byte[10]);
        server.receive(reset);
        DrivenSession.Received state = DrivenSession.of(stream);
        assertThat(((YamuxException) state.failure).code()).isEqualTo(code);
        assertThat(state.failure.reason()).isEqualTo(Reason.RESET);
        assertThat(state.inputKept).isFalse();
        assertThat(server.output()).isEqualTo("000100020000000300000000");
        assertThat(server.offered.get(1).isLive()).isTrue();
    }

    @Test
    void shouldKeepWhatIsUnreadWhenThePeerResetsAfterItsEnd() {
        server.receive("000000050000000100000003 616263" + RESET_1);
        assertThat(DrivenSession.of(server.only()).inputKept).isTrue();
        assertThat(server.session.stats().memoryBytes()).isEqualTo(3);
        server.read(server.only(), 3);
        assertThat(server.session.stats().memoryBytes()).isZero();
    }

    @Test
    void shouldDrainThePayloadOfAReset() {
        server.receive(SYN_1 + "000000080000000100000003 616263" + "000100010000000300000000");
        assertThat(DrivenSession.of(server.offered.get(0)).bytes.size()).isZero();
        assertThat(server.offered).hasSize(2);
    }

    @Test
    void shouldFailTheCallOnlyWhenTooManyStreamsAreOpen() throws Exception {
        DrivenSession client =
                new DrivenSession(Role.CLIENT, quiet().maxOutboundStreams(1).build());
        client.session.open();
        assertThatThrownBy(client.session::open)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED))
                .hasMessageContaining("YamuxConfig.maxOutboundStreams");
        assertThat(client.ended).isNull();
    }

    @ParameterizedTest
    @CsvSource({"CLIENT, fffffffd", "SERVER, fffffffc"})
    void shouldFailTheCallOnlyWhenIdsAreExhausted(Role role, String last) throws Exception {
        DrivenSession one = new DrivenSession(role, quiet().build(), Long.parseLong(last, 16));
        YamuxStream stream = one.session.open();
        assertThat(one.output()).isEqualTo("00010001" + last + "00000000");
        assertThatThrownBy(one.session::open).hasMessageContaining("ids");
        one.receive("00000002" + last + "00000001 61");
        assertThat(DrivenSession.of(stream).bytes).hasToString("a");
    }

    @Test
    void shouldTakeAnIdAgainThatIsNoLongerInUse() {
        server.receive(SYN_1 + RESET_1 + SYN_1 + "000100010000000900000000 000100010000000300000000");
        assertThat(server.offered).hasSize(4);
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldThrowAwayWhatComesAfterTheApplicationEndedTheSessionWithinACallback() {
        DrivenSession closing = new DrivenSession(Role.SERVER);
        closing.accepts = false;
        closing.receive(SYN_1);
        closing.session.abort(TransportException.closed("enough"));
        closing.session.receive(ByteBuffer.wrap(Hex.bytes("ffffffff")));
        assertThat(closing.ended.reason()).isEqualTo(Reason.CLOSED);
        assertThat(closing.output()).isEmpty();
    }

    private static YamuxConfig.Builder quiet() {
        return YamuxConfig.builder().keepAliveInterval(Duration.ZERO);
    }
}
