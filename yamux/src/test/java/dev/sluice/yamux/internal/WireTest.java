package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.yamux.YamuxConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The specification's bytes, said and understood. */
class WireTest {
    private static final String SYN_1 = "000100010000000100000000";
    private static final String ACK_1 = "000100020000000100000000";
    private static final String FIN_1 = "000100040000000100000000";
    private static final String HI_1 = "0000000000000001000000026869";
    private static final String YO_1 = "000000000000000100000002796f";

    private final DrivenSession client = new DrivenSession(Role.CLIENT);
    private final DrivenSession server = new DrivenSession(Role.SERVER);

    @Test
    void shouldOpenWithOddIdsAsClientAndEvenOnesAsServer() throws Exception {
        client.session.open();
        assertThat(client.output()).isEqualTo(SYN_1);
        client.session.open();
        assertThat(client.output()).isEqualTo("000100010000000300000000");
        server.session.open();
        assertThat(server.output()).isEqualTo("000100010000000200000000");
    }

    @Test
    void shouldAnnounceALargerWindowWhenOpeningAndAccepting() throws Exception {
        YamuxConfig config = YamuxConfig.builder()
                .initialWindowBytes(1 << 20)
                .maxInboundStreams(8)
                .maxOutboundStreams(8)
                .build();
        DrivenSession large = new DrivenSession(Role.CLIENT, config);
        large.session.open();
        assertThat(large.output()).isEqualTo("0001000100000001000c0000");
        large.receive("000100010000000200000000");
        assertThat(large.output()).isEqualTo("0001000200000002000c0000");
    }

    @Test
    void shouldGrantLessWithTheAckWhenBytesLieUnread() {
        YamuxConfig config = YamuxConfig.builder()
                .initialWindowBytes(512 << 10)
                .maxInboundStreams(8)
                .maxOutboundStreams(8)
                .build();
        DrivenSession large = new DrivenSession(Role.SERVER, config);
        large.accepts = false;
        large.receive("000000010000000100000003 616263");
        large.only().accept();
        assertThat(large.output()).isEqualTo("000100020000000100040000");
    }

    @Test
    void shouldCarryARequestAndItsAnswer() throws Exception {
        YamuxStream request = client.session.open();
        client.send(request, "hi".getBytes(StandardCharsets.US_ASCII));
        request.endOutput();
        assertThat(client.output()).isEqualTo(SYN_1 + HI_1 + FIN_1);

        server.receiveOneByOne(SYN_1 + HI_1 + FIN_1);
        YamuxStream answer = server.only();
        assertThat(DrivenSession.of(answer).bytes).hasToString("hi");
        assertThat(DrivenSession.of(answer).ended).isTrue();
        server.send(answer, "yo".getBytes(StandardCharsets.US_ASCII));
        answer.endOutput();
        assertThat(server.output()).isEqualTo(ACK_1 + YO_1 + FIN_1);
        assertThat(DrivenSession.of(answer).finished).isTrue();

        client.receiveOneByOne(ACK_1 + YO_1 + FIN_1);
        assertThat(DrivenSession.of(request).bytes).hasToString("yo");
        assertThat(DrivenSession.of(request).finished).isTrue();
        server.read(answer, 2);
        client.read(request, 2);
        assertThat(client.session.stats().outboundStreams()).isZero();
        assertThat(server.session.stats().inboundStreams()).isZero();
        assertThat(client.session.stats().memoryBytes()).isZero();
        assertThat(server.session.stats().memoryBytes()).isZero();
    }

    @Test
    void shouldDeliverThenEndWhenOneFrameOpensCarriesAndEnds() {
        server.receiveOneByOne("000000050000000100000003 616263");
        assertThat(DrivenSession.of(server.only()).bytes).hasToString("abc");
        assertThat(DrivenSession.of(server.only()).ended).isTrue();
        assertThat(server.output()).isEqualTo(ACK_1);
    }

    @Test
    void shouldTakeAnAckWithData() throws Exception {
        DrivenSession patient = new DrivenSession(
                Role.CLIENT,
                YamuxConfig.builder().keepAliveInterval(Duration.ZERO).build());
        YamuxStream stream = patient.session.open();
        patient.output();
        patient.receive("000000020000000100000003 666f6f");
        assertThat(DrivenSession.of(stream).bytes).hasToString("foo");
        patient.pass(Duration.ofSeconds(80));
        assertThat(stream.isLive()).isTrue();
    }

    @Test
    void shouldAckExplicitlyAndFirstWhenThePeerEndedBefore() {
        server.accepts = false;
        server.receive(SYN_1 + HI_1 + FIN_1);
        server.only().accept();
        server.send(server.only(), new byte[] {1});
        assertThat(server.output()).isEqualTo(ACK_1 + "00000000000000010000000101");
    }

    @Test
    void shouldResetWithAndWithoutCode() throws Exception {
        YamuxStream stream = client.session.open();
        client.output();
        client.send(stream, new byte[10]);
        stream.reset(7);
        stream.reset(8);
        assertThat(client.output()).isEqualTo("000100080000000100000007");
        server.receive(SYN_1);
        server.only().reset(0);
        assertThat(server.output()).isEqualTo("000100080000000100000000");
    }

    @Test
    void shouldSayNothingOfAStreamThatIsResetBeforeItsSyn() throws Exception {
        client.session.open().reset(0);
        assertThat(client.output()).isEmpty();
        client.session.open();
        assertThat(client.output()).isEqualTo("000100010000000300000000");
    }

    @Test
    void shouldAnswerPingsAndAsk() {
        server.receive("000200010000000000000007");
        assertThat(server.output()).isEqualTo("000200020000000000000007");
        client.session.ping();
        client.session.ping();
        assertThat(client.output()).isEqualTo("000200010000000000000000");
        client.receive("000200020000000000000000");
        assertThat(client.pongs).hasSize(1);
        client.session.ping();
        assertThat(client.output()).isEqualTo("000200010000000000000001");
    }

    @Test
    void shouldSayGoAwayLastWhenItCloses() {
        client.session.close();
        assertThat(client.output()).isEqualTo("000300000000000000000000");
    }

    @Test
    void shouldTellOfRoomWhenHalfTheWindowWasRead() {
        server.receive(SYN_1);
        server.receive("000000000000000100040000");
        server.session.receive(ByteBuffer.allocate(262144));
        assertThat(server.output()).isEqualTo(ACK_1);
        server.read(server.only(), 131071);
        assertThat(server.output()).isEmpty();
        server.read(server.only(), 1);
        // and, once, a ping that measures the round trip
        assertThat(server.output()).isEqualTo("000200010000000000000000" + "000100000000000100020000");
    }

    @Test
    void shouldSendNothingWithoutReason() {
        assertThat(client.session.hasOutput()).isFalse();
        assertThat(client.output()).isEmpty();
        assertThat(client.outputTold).isZero();
    }
}
