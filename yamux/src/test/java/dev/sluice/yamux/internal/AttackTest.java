package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.yamux.YamuxConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Peers that send as much as they can of what costs them little. */
class AttackTest {
    private static final int FRAME = 2 * Frame.HEADER_BYTES; // in hex

    private final DrivenSession server = new DrivenSession(
            Role.SERVER, YamuxConfig.builder().keepAliveInterval(Duration.ZERO).build());

    @Test
    void shouldRefuseWithAResetWhenMoreStreamsComeThanMayWait() {
        server.accepts = false;
        for (int i = 0; i < 1000; i++) {
            server.receive(syn(2 * i + 1));
        }

        assertThat(server.offered).hasSize(256);
        assertThat(server.output()).startsWith("0001000800000201" + "00000000").hasSize((1000 - 256) * FRAME);
        assertThat(server.session.stats().refused()).isEqualTo(1000 - 256);
        assertThat(server.session.stats().memoryBytes()).isEqualTo(256L * 262144);
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldRefuseWithAResetWhenMoreStreamsComeThanMayBeLive() {
        DrivenSession small = new DrivenSession(
                Role.SERVER, YamuxConfig.builder().maxInboundStreams(2).build());
        small.receive(syn(1) + syn(3) + syn(5));
        assertThat(small.output()).startsWith(reset(5)).hasSize(3 * FRAME);
        small.receive(reset(1) + syn(7));
        assertThat(small.offered).as("a place that is free again").hasSize(3);
    }

    @Test
    void shouldDrainThePayloadOfARefusedStream() {
        DrivenSession small = new DrivenSession(
                Role.SERVER, YamuxConfig.builder().maxInboundStreams(1).build());
        small.receive(syn(1) + "00000001 00000003 00000002 6869" + "000200010000000000000007");
        small.receive("00000000 00000003 00000002 6869");
        assertThat(small.output()).isEqualTo(reset(3) + "000200020000000000000007" + ack(1));
    }

    @Test
    void shouldNotBlameThePeerForResetsOfItsOwn() {
        int streams = OutputQueue.MAX_RESETS + 1;
        DrivenSession busy = new DrivenSession(
                Role.SERVER,
                YamuxConfig.builder()
                        .maxInboundStreams(streams)
                        .maxOutboundStreams(0)
                        .sessionMemoryBytes(streams * 262144L)
                        .build());
        for (int i = 0; i < streams; i++) {
            busy.receive(syn(2 * i + 1));
        }
        busy.output();
        busy.offered.forEach(stream -> stream.reset(0));
        assertThat(busy.ended).isNull();
        assertThat(busy.output()).startsWith(reset(1) + reset(3)).hasSize(streams * FRAME);
    }

    @Test
    void shouldEndTheSessionWhenResetsPileUpBecauseThePeerDoesNotRead() {
        server.accepts = false;
        for (int i = 0; i < 256 + 1024; i++) {
            server.receive(syn(2 * i + 1));
        }
        assertThat(server.ended).isNull();
        server.receive(syn(2 * (256 + 1024) + 1));
        assertThat(server.ended.reason()).isEqualTo(Reason.LIMIT_EXCEEDED);
        assertThat(server.output()).isEqualTo("000300000000000000000002");
    }

    @Test
    void shouldEndTheSessionWhenStreamsAreOpenedAndResetTooFast() {
        server.accepts = false;
        for (int second = 0; second < 3; second++) {
            for (int i = 0; i < 100; i++) {
                server.receive(syn(1) + reset(1));
            }
            assertThat(server.ended).isNull();
            server.pass(Duration.ofSeconds(1));
        }
        assertThat(server.session.stats().inboundStreams()).isZero();
        for (int i = 0; i <= 100; i++) {
            server.receive(syn(1) + reset(1));
        }
        assertThat(server.ended.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(server.ended).hasMessageContaining("YamuxConfig.maxEarlyResets");
    }

    @Test
    void shouldEndTheSessionWhenAcceptedStreamsAreResetTooFastBeforeAnythingWasSentOnThem() {
        for (int i = 0; i < 100; i++) {
            server.receive(syn(1));
            server.output();
            server.receive(reset(1));
        }
        assertThat(server.ended).isNull();
        server.receive(syn(1) + reset(1));
        assertThat(server.ended).hasMessageContaining("YamuxConfig.maxEarlyResets");
    }

    @Test
    void shouldTakeAnyNumberOfResetsOfStreamsThatWereAnswered() {
        for (int i = 0; i < 1000; i++) {
            server.receive(syn(1));
            server.send(server.offered.get(i), new byte[] {1});
            server.output();
            server.receive(reset(1));
        }
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldHoldNothingOfStreamsThatAreGoneWhenThePeerDoesNotRead() {
        DrivenSession patient = new DrivenSession(
                Role.SERVER,
                YamuxConfig.builder().maxEarlyResets(Integer.MAX_VALUE).build());
        for (int i = 0; i < 5000; i++) {
            patient.receive(syn(1) + "000000000000000100000001 61" + reset(1));
        }
        assertThat(patient.ended).isNull();
        assertThat(patient.output()).isEmpty();
        assertThat(patient.session.stats().memoryBytes()).isZero();
    }

    @Test
    void shouldDropPongsAndReadOnWhenPingsPileUp() {
        for (int i = 0; i < 1000; i++) {
            server.receive(String.format("00020001 00000000 %08x", i));
        }
        server.receive(syn(1));
        String output = server.output();
        assertThat(output).hasSize(65 * FRAME).startsWith("000200020000000000000000" + "000200020000000000000001");
        assertThat(output).endsWith("00020002000000000000003f" + ack(1));
        assertThat(server.session.stats().pongsDropped()).isEqualTo(1000 - 64);
    }

    @Test
    void shouldBoundAllThatWaitsWithoutData() {
        for (int i = 0; i < 512; i++) {
            server.receive(syn(2 * i + 1));
            server.receive(String.format("00020001 00000000 %08x", i));
        }
        for (YamuxStream stream : server.offered) {
            stream.endOutput();
        }
        assertThat(server.output().length() / 2).isLessThanOrEqualTo((64 << 10) + 12 * 256);
    }

    @Test
    void shouldEndTheSessionWhenAnAnnouncedPayloadTrickles() {
        DrivenSession alert = new DrivenSession(Role.SERVER);
        alert.receive(syn(1) + "00000000 00000001 00001000");
        for (int second = 0; second < 39; second++) {
            alert.pass(Duration.ofSeconds(1));
            alert.receive("61");
            alert.output();
        }
        assertThat(alert.ended).isNull();
        alert.pass(Duration.ofSeconds(1));
        assertThat(alert.ended.reason()).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void shouldTakeAWindowOfOneByteFramesAndNoneMore() {
        server.receive(syn(1));
        for (int i = 0; i < 262144; i++) {
            server.receive("000000000000000100000001 61");
        }
        assertThat(server.only().unreadBytes()).isEqualTo(262144);
        assertThat(server.session.stats().memoryBytes()).isEqualTo(262144);
        server.receive("000000000000000100000001");
        assertThat(server.ended.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void shouldTellNobodyOfEmptyDataAndIdleUpdates() {
        server.receive(syn(1));
        server.output();
        int told = server.outputTold;
        for (int i = 0; i < 1000; i++) {
            server.receive("000000000000000100000000 000100000000000100000000 000100000000000100000001");
        }
        assertThat(server.outputTold).isEqualTo(told);
        assertThat(server.only().unreadBytes()).isZero();
        assertThat(server.ended).isNull();
    }

    @Test
    void shouldDropSilentlyWhenFloodedForUnknownStreams() {
        for (int i = 0; i < 1000; i++) {
            server.receiveData(2 * i + 1, 100);
        }
        server.receive(syn(1));
        assertThat(server.output()).isEqualTo(ack(1));
        assertThat(server.session.stats().framesDropped()).isEqualTo(1000);
    }

    @Test
    void shouldGrantNothingWhenNobodyReads() {
        server.receive(syn(1));
        server.output();
        server.receiveData(1, 262144);
        assertThat(server.output()).isEmpty();
        assertThat(server.only().receiveWindowBytes()).isEqualTo(262144);
    }

    @Test
    void shouldRefuseNewStreamsWhenMemoryIsTakenByEndedOnesThatNobodyReads() {
        DrivenSession small = new DrivenSession(
                Role.SERVER,
                YamuxConfig.builder()
                        .maxInboundStreams(2)
                        .maxOutboundStreams(0)
                        .sessionMemoryBytes(2 * 262144)
                        .build());
        for (int id = 1; id <= 3; id += 2) {
            small.receive(syn(id));
            small.receiveData(id, 262144);
            small.offered.get(id / 2).endOutput();
            small.receive(String.format("00010004 %08x 00000000", id));
        }
        small.output();
        assertThat(small.session.stats().inboundStreams()).isZero();
        small.receive(syn(5));
        assertThat(small.output()).isEqualTo(reset(5));
        small.read(small.offered.get(0), 262144);
        small.receive(syn(7));
        assertThat(small.output()).isEqualTo(ack(7));
        small.offered.get(1).close();
        assertThat(small.session.stats().memoryBytes()).as("closed unread").isEqualTo(262144);
    }

    private static String syn(int id) {
        return String.format("00010001%08x00000000", id);
    }

    private static String ack(int id) {
        return String.format("00010002%08x00000000", id);
    }

    private static String reset(int id) {
        return String.format("00010008%08x00000000", id);
    }
}
