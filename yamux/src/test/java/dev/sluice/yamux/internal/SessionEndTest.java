package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How sessions end, and how they notice that they should. */
class SessionEndTest {
    private static final String SYN_1 = "000100010000000100000000";
    private static final String ACK_1 = "000100020000000100000000";
    private static final String FIN_1 = "000100040000000100000000";
    private static final String GO_AWAY = "000300000000000000000000";

    private final DrivenSession server = new DrivenSession(Role.SERVER);
    private final DrivenSession client = new DrivenSession(Role.CLIENT);

    @Test
    void shouldGoOnWithLiveStreamsWhenThePeerWantsNoMore() throws Exception {
        DrivenSession modest = new DrivenSession(
                Role.SERVER, YamuxConfig.builder().acceptBacklog(1).build());
        YamuxStream own = modest.session.open();
        YamuxStream waiting = modest.session.open();
        modest.receive(GO_AWAY + GO_AWAY + SYN_1 + "000200010000000000000007");

        assertThat(DrivenSession.of(waiting).failure.reason()).isEqualTo(Reason.SHUTDOWN);
        assertThatThrownBy(modest.session::open)
                .isInstanceOfSatisfying(
                        YamuxException.class, e -> assertThat(e.code()).isZero());
        assertThat(modest.offered).hasSize(1);
        modest.output();
        modest.only().endOutput();
        own.endOutput();
        modest.receive(FIN_1);
        modest.output();
        assertThat(modest.ended).isNull();
        modest.receive("000100040000000200000000");
        assertThat(modest.output()).isEqualTo(GO_AWAY);
        assertThat(modest.ended.reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldEndOrderlyWhenInputEndsAfterAGoAway() {
        server.receive(SYN_1 + GO_AWAY);
        server.session.endOfInput();
        assertThat(server.ended.reason()).isEqualTo(Reason.CLOSED);
        assertThat(DrivenSession.of(server.only()).failure)
                .hasCause(server.ended)
                .extracting(TransportException::reason)
                .isEqualTo(Reason.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 42, 0xFFFF_FFFFL})
    void shouldFailEverythingWhenThePeerEndsTheSessionWithACode(long code) {
        server.receive(SYN_1 + "000000000000000100000001 61");
        server.receive(GO_AWAY + String.format("00030000 00000005 %08x", code));
        assertThat(((YamuxException) server.ended).code()).isEqualTo(code);
        assertThat(DrivenSession.of(server.only()).failure).isSameAs(server.ended);
        assertThat(DrivenSession.of(server.only()).inputKept).isTrue();
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldSayGoAwayLastWhenItIsShutDown() {
        server.receive(SYN_1);
        server.session.shutdown();
        server.session.shutdown();
        assertThatThrownBy(server.session::open)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SHUTDOWN));
        server.receive("000100010000000300000000");
        assertThat(server.output()).isEqualTo("000100080000000300000000" + ACK_1);
        server.send(server.only(), new byte[] {1});
        server.only().endOutput();
        server.receive(FIN_1);
        assertThat(server.session.hasOutput()).isTrue();
        assertThat(server.output()).isEqualTo("00000000000000010000000101" + FIN_1 + GO_AWAY);
        assertThat(server.ended.reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldSayGoAwayOnceAndFirstWhenToldTo() {
        DrivenSession first = new DrivenSession(
                Role.SERVER, YamuxConfig.builder().goAwayFirst(true).build());
        first.receive(SYN_1);
        first.session.shutdown();
        assertThat(first.output()).isEqualTo(GO_AWAY + ACK_1);
        first.receive("000100080000000100000000");
        assertThat(first.output()).isEmpty();
        assertThat(first.ended.reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldStillSayThatItEndsWhenItIsOverBeforeThatWasHandedOut() {
        DrivenSession first = new DrivenSession(
                Role.SERVER, YamuxConfig.builder().goAwayFirst(true).build());
        first.receive(SYN_1);
        first.session.shutdown();
        first.pass(Duration.ofSeconds(10));

        assertThat(first.ended.reason()).isEqualTo(Reason.CLOSED);
        assertThat(first.output()).isEqualTo(GO_AWAY);
    }

    @Test
    void shouldAskForNoSignOfLifeWhenItEndsAtThatTime() throws Exception {
        Duration same = Duration.ofSeconds(30);
        DrivenSession strict = new DrivenSession(
                Role.CLIENT,
                YamuxConfig.builder()
                        .openTimeout(same)
                        .openTimeoutEndsSession(true)
                        .keepAliveInterval(same)
                        .build());
        strict.session.open();
        strict.output();
        strict.pass(same);

        assertThat(strict.ended.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(strict.output()).isEmpty();
    }

    @Test
    void shouldCutStreamsThatDoNotEndInTimeWhenItIsShutDown() {
        server.receive(SYN_1);
        server.session.shutdown();
        server.output();
        server.pass(Duration.ofSeconds(10));
        assertThat(DrivenSession.of(server.only()).failure.reason()).isEqualTo(Reason.SHUTDOWN);
        assertThat(server.output()).isEqualTo(GO_AWAY);
    }

    @Test
    void shouldEndAtOnceWhenItIsShutDownWithoutStreams() {
        server.session.shutdown();
        assertThat(server.outputTold).isEqualTo(1);
        assertThat(server.output()).isEqualTo(GO_AWAY);
        assertThat(server.ended.reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldSayWhatIsQueuedWhenItIsClosed() throws Exception {
        YamuxStream stream = client.session.open();
        client.send(stream, new byte[] {1});
        client.session.close();
        assertThat(client.output()).isEqualTo(SYN_1 + "00000000000000010000000101" + GO_AWAY);
        assertThat(DrivenSession.of(stream).failure).hasCause(client.ended);
        assertThat(DrivenSession.of(stream).inputKept).isTrue();
    }

    @Test
    void shouldWaitForRoomAtThePeerForAWhileWhenItIsClosed() throws Exception {
        YamuxStream stream = client.session.open();
        client.send(stream, new byte[262145]);
        client.session.close();
        client.output();
        assertThat(client.ended).isNull();
        client.receive("000100000000000100000001");
        assertThat(client.output()).isEqualTo("00000000000000010000000100" + GO_AWAY);

        YamuxStream stuck = server.session.open();
        server.send(stuck, new byte[262145]);
        server.session.close();
        server.output();
        server.pass(Duration.ofSeconds(10));
        assertThat(server.output()).isEqualTo(GO_AWAY);
    }

    @Test
    void shouldAskASilentPeerAndGoOnWhenItAnswers() {
        server.pass(Duration.ofMillis(29_999));
        assertThat(server.session.hasOutput()).isFalse();
        server.pass(Duration.ofMillis(1));
        assertThat(server.output()).isEqualTo("000200010000000000000000");
        server.pass(Duration.ofMillis(9_999));
        server.receive("000200020000000000000000");
        server.pass(Duration.ofMillis(29_999));
        assertThat(server.session.hasOutput()).isFalse();
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldEndTheSessionWhenThePeerGivesNoSignOfLife() {
        server.pass(Duration.ofSeconds(30));
        server.output();
        server.pass(Duration.ofMillis(9_999));
        assertThat(server.ended).isNull();
        server.pass(Duration.ofMillis(1));
        assertThat(server.ended.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(server.ended).hasMessageContaining("YamuxConfig.keepAliveTimeout");
        assertThat(server.output()).isEmpty();
        assertThat(server.session.nanosToNextTick()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldTakeAnyFrameForASignOfLife() {
        for (int i = 0; i < 5; i++) {
            server.pass(Duration.ofSeconds(29));
            server.receive("000100000000000900000000");
        }
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldLoseAPingOnlyWhenItsAnswerIsLate() {
        server.session.ping();
        server.output();
        server.pass(Duration.ofSeconds(15));
        assertThat(server.lostPings).isEqualTo(1);
        server.receive("000200020000000000000000");
        assertThat(server.pongs).isEmpty();
        server.session.ping();
        assertThat(server.output()).isEqualTo("000200010000000000000001");
        server.pass(Duration.ofMillis(10));
        server.receive("000200020000000000000000 000200020000000000000001");
        assertThat(server.pongs).containsExactly(10_000_000L);
        assertThat(server.session.stats().rtt()).contains(Duration.ofMillis(10));
    }

    @Test
    void shouldSayNothingBehindTheGoAway() throws Exception {
        server.session.open();
        server.receive(SYN_1 + "000200010000000000000007");
        server.session.ping();
        server.receive("ff0000000000000000000000");
        assertThat(server.output()).isEqualTo("000300000000000000000001");
        server.session.ping();
        server.only().reset(0);
        assertThat(server.session.hasOutput()).isFalse();
    }

    @Test
    void shouldSmoothTheRoundTripTime() {
        for (int ping = 0; ping < 2; ping++) {
            server.session.ping();
            server.output();
            server.pass(Duration.ofMillis(ping == 0 ? 100 : 200));
            server.receive(String.format("00020002 00000000 %08x", ping));
        }
        assertThat(server.session.stats().rtt()).contains(Duration.ofMillis(150));
    }

    @Test
    void shouldMeasureFromWhenThePingWasWritten() {
        server.session.ping();
        server.session.poll(server, 1000);
        server.session.endIfDone();
        if (server.session.isOver()) {
            server.session.poll(server, 1000);
        }
        server.pass(Duration.ofSeconds(2));
        server.session.written(11);
        server.pass(Duration.ofSeconds(2));
        server.session.written(1);
        server.pass(Duration.ofMillis(5));
        server.receive("000200020000000000000000");
        assertThat(server.session.stats().rtt()).contains(Duration.ofMillis(5));
    }

    @Test
    void shouldRefuseToHaveWrittenMoreThanWasHandedOut() {
        server.session.ping();
        server.session.poll(server, 1000);
        server.session.endIfDone();
        if (server.session.isOver()) {
            server.session.poll(server, 1000);
        }
        assertThatThrownBy(() -> server.session.written(13)).isInstanceOf(IllegalArgumentException.class);
    }
}
