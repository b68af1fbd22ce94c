package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may send how much, and in which order. */
class FlowControlTest {
    private final DrivenSession client = new DrivenSession(Role.CLIENT);
    private final DrivenSession server = new DrivenSession(Role.SERVER);

    @Test
    void shouldSendNoMoreThanTheWindowAndGoOnWithMore() throws Exception {
        YamuxStream stream = client.session.open();
        client.send(stream, new byte[300_000]);
        stream.endOutput();

        assertThat(headers(client))
                .startsWith("WINDOW_UPDATE SYN stream 1 length 0")
                .hasSize(5);
        assertThat(DrivenSession.of(stream).sent).isEqualTo(262144);
        assertThat(client.session.stats().stalls()).isEqualTo(1);
        client.receive("000100000000000100000001");
        client.receive("000100000000000100000001");
        assertThat(headers(client)).containsExactly("DATA - stream 1 length 2");
        assertThat(client.session.stats().stalls()).isEqualTo(2);
        client.receive("000100000000000100040000");
        assertThat(headers(client))
                .containsExactly("DATA - stream 1 length 37854", "WINDOW_UPDATE FIN stream 1 length 0");
    }

    @Test
    void shouldTellOfRoomOnceWhenItWasAskedFor() throws Exception {
        YamuxStream stream = client.session.open();
        assertThat(stream.roomBytes()).isEqualTo(262144);
        client.send(stream, new byte[262144]);
        client.output();
        assertThat(stream.roomBytes()).isZero();
        client.receive("000100000000000100000000");
        stream.awaitRoom();
        client.receive("000100000000000100000000");
        assertThat(DrivenSession.of(stream).roomsTold).isZero();
        client.receive("000100000000000100000001");
        client.receive("000100000000000100000001");
        assertThat(DrivenSession.of(stream).roomsTold).isEqualTo(1);
        assertThat(stream.roomBytes()).isEqualTo(2);
        assertThat(client.session.stats().stalls()).isEqualTo(1);
    }

    @Test
    void shouldTellOfRoomWhenAWaitingStreamBegins() throws Exception {
        YamuxConfig config = YamuxConfig.builder().acceptBacklog(1).build();
        DrivenSession opener = new DrivenSession(Role.CLIENT, config);
        opener.session.open();
        YamuxStream waiting = opener.session.open();
        assertThat(waiting.roomBytes()).isZero();
        waiting.awaitRoom();
        assertThat(DrivenSession.of(waiting).roomsTold).isZero();
        opener.receive("000100020000000100000000");
        assertThat(DrivenSession.of(waiting).roomsTold).isEqualTo(1);
        assertThat(opener.session.stats().stalls()).isZero();
    }

    @Test
    void shouldSayNothingOfAStreamThatWaitsToBegin() throws Exception {
        YamuxConfig config = YamuxConfig.builder().acceptBacklog(1).build();
        DrivenSession opener = new DrivenSession(Role.CLIENT, config);
        opener.session.open();
        YamuxStream waiting = opener.session.open();
        opener.send(waiting, new byte[] {1});
        waiting.awaitRoom();
        waiting.endOutput();

        assertThat(headers(opener)).containsExactly("WINDOW_UPDATE SYN stream 1 length 0");
    }

    @Test
    void shouldEndWithoutRoomAtThePeer() throws Exception {
        YamuxStream stream = client.session.open();
        client.send(stream, new byte[262144]);
        client.output();
        stream.endOutput();
        assertThat(headers(client)).containsExactly("WINDOW_UPDATE FIN stream 1 length 0");
    }

    @Test
    void shouldUseTheRoomThatComesWithTheFirstFrameOfAStream() {
        server.receive("000100010000000100000001");
        assertThat(server.only().sendWindowBytes()).isEqualTo(262145);
    }

    @Test
    void shouldSendLargeFramesAloneAndSmallOnesInTurn() throws Exception {
        YamuxStream bulk = client.session.open();
        client.output();
        client.send(bulk, new byte[100_000]);
        assertThat(headers(client)).containsExactly("DATA - stream 1 length 65536", "DATA - stream 1 length 34464");

        YamuxStream echo = client.session.open();
        client.output();
        client.send(bulk, new byte[40_000]);
        client.send(echo, new byte[1]);
        assertThat(headers(client))
                .containsExactly(
                        "DATA - stream 1 length 16384", "DATA - stream 3 length 1", "DATA - stream 1 length 23616");
    }

    @Test
    void shouldSayWhatIsUrgentBeforeData() throws Exception {
        YamuxStream bulk = client.session.open();
        YamuxStream cut = client.session.open();
        client.output();
        client.send(bulk, new byte[100]);
        client.receive("000100010000000200000000");
        client.session.ping();
        client.receive("000200010000000000000009");
        cut.reset(0);
        assertThat(headers(client))
                .containsExactly(
                        "WINDOW_UPDATE RST stream 3 length 0",
                        "PING ACK stream 0 length 9",
                        "PING SYN stream 0 length 0",
                        "WINDOW_UPDATE ACK stream 2 length 0",
                        "DATA - stream 1 length 100");
    }

    @Test
    void shouldHandOutNoMuchMoreThanAsked() throws Exception {
        YamuxStream bulk = client.session.open();
        client.send(bulk, new byte[200_000]);
        assertThat(client.outputBytes(1)).hasSize(12);
        assertThat(client.session.hasOutput()).isTrue();
        client.session.ping();
        assertThat(headers(client.outputBytes(13)))
                .containsExactly("PING SYN stream 0 length 0", "DATA - stream 1 length 65536");
    }

    @Test
    void shouldTellOnceThatThereIsOutput() throws Exception {
        client.session.open();
        client.session.open();
        assertThat(client.outputTold).isEqualTo(1);
        client.output();
        client.session.open();
        assertThat(client.outputTold).isEqualTo(2);
    }

    @Test
    void shouldMergeUpdatesUntilTheyAreHandedOut() {
        fill(server, 1);
        server.output();
        server.read(server.only(), 131072);
        server.read(server.only(), 1000);
        server.read(server.only(), 1);
        assertThat(updates(server)).containsExactly("WINDOW_UPDATE - stream 1 length " + (131072 + 1001));
    }

    @Test
    void shouldGiveNoCreditAfterThePeersEnd() {
        fill(server, 1);
        server.output();
        server.read(server.only(), 131072);
        server.receive("000100040000000100000000");
        assertThat(updates(server)).as("was due before").isEmpty();
        server.read(server.only(), 131072);
        assertThat(updates(server)).isEmpty();
        assertThat(server.session.stats().memoryBytes()).isZero();
    }

    @Test
    void shouldRefuseToCountMoreReadThanCame() {
        server.receive("000000010000000100000003 616263");
        server.read(server.only(), 2);
        assertThatThrownBy(() -> server.read(server.only(), 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCountWhatIsAnnouncedAsUnreadBeforeItCame() {
        server.receive("000100010000000100000000 000000000000000100040000");
        server.session.receive(ByteBuffer.allocate(131072));
        server.output();
        server.read(server.only(), 131072);
        assertThat(updates(server)).containsExactly("WINDOW_UPDATE - stream 1 length 131072");
        assertThat(server.only().unreadBytes()).isEqualTo(131072);
    }

    @Test
    void shouldDoubleTheWindowWhileItIsUsedUpWithinTwoRoundTrips() {
        measure(server, Duration.ofMillis(100));
        server.receive("000100010000000100000000");
        server.output();

        useUp(server, Duration.ofMillis(150));
        assertThat(updates(server)).as("refill and growth").containsExactly("WINDOW_UPDATE - stream 1 length 524288");
        // A window of twice the size counts for two.
        useUp(server, Duration.ofMillis(399));
        assertThat(updates(server)).containsExactly("WINDOW_UPDATE - stream 1 length 1048576");
        useUp(server, Duration.ofMillis(800));
        assertThat(updates(server)).containsExactly("WINDOW_UPDATE - stream 1 length 1048576");
        assertThat(server.session.stats().windowGrowths()).isEqualTo(2);
    }

    @Test
    void shouldStopAtTheLargestWindow() {
        measure(server, Duration.ofMillis(100));
        server.receive("000100010000000100000000");
        server.output();
        for (int i = 0; i < 10; i++) {
            useUp(server, Duration.ofMillis(1));
            server.output();
        }
        assertThat(server.only().receiveWindowBytes()).isEqualTo(16 << 20);
        assertThat(server.session.stats().memoryBytes()).isEqualTo(16 << 20);
    }

    @Test
    void shouldLeaveAQuarterOfTheMemoryToNewStreams() {
        DrivenSession small = new DrivenSession(
                Role.SERVER,
                YamuxConfig.builder()
                        .maxInboundStreams(4)
                        .maxOutboundStreams(4)
                        .sessionMemoryBytes(8 * 262144)
                        .build());
        measure(small, Duration.ofMillis(100));
        small.receive("000100010000000100000000");
        small.output();
        for (int i = 0; i < 10; i++) {
            useUp(small, Duration.ofMillis(1));
            small.output();
        }
        assertThat(small.only().receiveWindowBytes()).isEqualTo(4 * 262144);
        small.receive("000100010000000300000000 000100010000000500000000 000100010000000700000000");
        assertThat(small.offered).hasSize(4);
        small.offered.get(0).reset(0);
        assertThat(small.session.stats().memoryBytes()).isEqualTo(3 * 262144);
    }

    @Test
    void shouldGrowNothingWithoutARoundTripTime() {
        server.receive("000100010000000100000000");
        server.output();
        useUp(server, Duration.ZERO);
        assertThat(headers(server))
                .containsExactly("PING SYN stream 0 length 0", "WINDOW_UPDATE - stream 1 length 262144");
        useUp(server, Duration.ZERO);
        assertThat(headers(server)).as("no second ping").containsExactly("WINDOW_UPDATE - stream 1 length 262144");
    }

    @Test
    void shouldLetStreamsWaitWhenTooManyAreNotAcknowledged() throws Exception {
        DrivenSession modest = new DrivenSession(
                Role.CLIENT, YamuxConfig.builder().acceptBacklog(1).build());
        YamuxStream first = modest.session.open();
        YamuxStream second = modest.session.open();
        YamuxStream third = modest.session.open();
        YamuxStream fourth = modest.session.open();
        modest.send(second, new byte[] {1});
        second.endOutput();
        assertThat(headers(modest)).containsExactly("WINDOW_UPDATE SYN stream 1 length 0");
        assertThat(second.id()).isZero();

        fourth.reset(0);
        modest.receive("000100020000000100000000 000100020000000100000000");
        assertThat(headers(modest))
                .as("a second ACK frees no second place")
                .containsExactly(
                        "WINDOW_UPDATE SYN stream 3 length 0",
                        "DATA - stream 3 length 1",
                        "WINDOW_UPDATE FIN stream 3 length 0");
        modest.receive("000100080000000300000000");
        assertThat(headers(modest)).containsExactly("WINDOW_UPDATE SYN stream 5 length 0");
        third.reset(0);
        first.reset(0);
        assertThat(modest.session.stats().outboundStreams()).isZero();
        assertThat(modest.session.stats().memoryBytes()).isZero();
    }

    private static void fill(DrivenSession session, long streamId) {
        session.receive("0001000100000001" + "00000000");
        session.receiveData(streamId, 262144);
    }

    /** The peer sends all it may, and the application reads it that much later. */
    private static void useUp(DrivenSession session, Duration later) {
        YamuxStream stream = session.only();
        int bytes = (int) stream.receiveWindowBytes();
        session.receiveData(stream.id(), bytes);
        session.pass(later);
        session.read(stream, bytes);
    }

    private static void measure(DrivenSession session, Duration rtt) {
        session.session.ping();
        session.output();
        session.pass(rtt);
        session.receive("000200020000000000000000");
        assertThat(session.pongs).containsExactly(rtt.toNanos());
    }

    private static List<String> updates(DrivenSession session) {
        return headers(session).stream()
                .filter(header -> header.startsWith("WINDOW_UPDATE"))
                .toList();
    }

    private static List<String> headers(DrivenSession session) {
        return headers(session.outputBytes(Integer.MAX_VALUE));
    }

    private static List<String> headers(byte[] output) {
        List<String> headers = new ArrayList<>();
        try {
            new FrameReader().read(ByteBuffer.wrap(output), new FrameReader.Visitor() {
                @Override
                public void onHeader(FrameType type, int flags, long streamId, long length) {
                    headers.add(Frame.describe(type, flags, streamId, length));
                }

                @Override
                public void onPayload(ByteBuffer piece) {}

                @Override
                public void onFrameEnd() {}
            });
        } catch (TransportException e) {
            throw new AssertionError(e);
        }
        return headers;
    }
}
