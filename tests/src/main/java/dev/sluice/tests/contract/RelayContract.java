package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** From one connection into another, as a proxy does. */
interface RelayContract {
    ContractHarness harness();

    @Test
    default void shouldRelayAllBytesFromOneConnectionToAnother() throws Exception {
        Relay relay = openRelay();
        Payload payload = new Payload(90, 24 << 20);
        relay.source().sendAll(payload);
        relay.sink().recorder().awaitReceived(payload.length());
        assertThat(relay.sink().recorder().receivedSha256()).isEqualTo(payload.sha256());
    }

    @Test
    default void shouldHoldTheSourceBackWhenTheSinkDoesNotRead() throws Exception {
        Relay relay = openRelay();
        relay.sink().run(Connection::pauseReading);
        Payload payload = new Payload(91, 64 << 20);
        var sent = relay.source().send(payload);
        Waiting.until("the source stalls", () -> relay.source().recorder().shortages() > 0);
        assertThat(sent).isNotDone();
        relay.sink().run(Connection::resumeReading);
        Waiting.result(sent);
        relay.sink().recorder().awaitReceived(payload.length());
        assertThat(relay.sink().recorder().receivedSha256()).isEqualTo(payload.sha256());
    }

    @Test
    default void shouldRelayTheEndWhenTheSourceEnds() throws Exception {
        harness().assume(Capability.HALF_CLOSE);
        Relay relay = openRelay();
        relay.source().sendAll(new Payload(92, 100_000));
        relay.source().shutdownOutput();
        relay.sink().recorder().awaitEnd();
        assertThat(relay.sink().recorder().receivedHead()).isEqualTo(new Payload(92, 100_000).bytes());
    }

    @Test
    default void shouldRelayNoMoreThanAskedFor() throws Exception {
        Relay relay = openRelay();
        relay.in.run(Connection::pauseReading);
        relay.source().sendAll(new Payload(93, 1000));
        byte[] first = relay.in.take(5);
        relay.in.run(c -> c.unread(ByteBuffer.wrap(first)));
        long moved = 0;
        while (moved < 600) {
            long done = moved;
            moved += relay.in.call(c -> c.transferTo(relay.out.connection(), 600 - done));
        }
        assertThat(moved).isEqualTo(600);
        relay.sink().recorder().awaitReceived(600);
        assertThat(relay.in.take(400)).isEqualTo(Arrays.copyOfRange(new Payload(93, 1000).bytes(), 600, 1000));
        relay.sink().settle();
        assertThat(relay.sink().recorder().receivedSha256()).isEqualTo(new Payload(93, 1000).sha256(0, 600));
    }

    @Test
    default void shouldRelayOnWhenEachCallAsksForLessThanIsThere() throws Exception {
        Relay relay = openRelay();
        Payload payload = new Payload(95, 1000);
        relay.in.run(Connection::pauseReading);
        relay.source().sendAll(payload);
        byte[] first = relay.in.take(60);
        relay.in.run(c -> {
            relay.in.recorder().onReadable(c2 -> c2.transferTo(relay.out.connection(), 7));
            c.unread(ByteBuffer.wrap(first));
            c.resumeReading();
        });
        relay.sink().recorder().awaitReceived(payload.length());
        assertThat(relay.sink().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    @Test
    default void shouldMoveNothingWhenNothingHasCome() throws Exception {
        Relay relay = openRelay();
        long n = relay.in.call(c -> c.transferTo(relay.out.connection(), 100));
        assertThat(n).isZero();
    }

    @Test
    default void shouldRefuseAConnectionOfAnotherLoop() throws Exception {
        EventLoop here = harness().group().loops().get(0);
        EventLoop elsewhere = harness().group().loops().get(1);
        ConnectionPair first = harness().open(here, new Recorder(), new Recorder());
        ConnectionPair second = harness().open(elsewhere, new Recorder(), new Recorder());
        assumeTrue(
                first.client().connection().loop()
                        != second.client().connection().loop(),
                "the transport has one loop only");
        first.client()
                .run(c -> assertThatThrownBy(() -> c.transferTo(second.client().connection(), 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("loop"));
    }

    @Test
    default void shouldEchoWhenRelayedToItself() throws Exception {
        Recorder echo = new Recorder();
        echo.onReadable(c -> c.transferTo(c, Long.MAX_VALUE)).onWritable(c -> {});
        ConnectionPair pair = harness().open(new Recorder(), echo);
        Payload payload = new Payload(94, 20_000);
        Waiting.result(pair.client().send(payload, 100));
        pair.client().recorder().awaitReceived(payload.length());
        assertThat(pair.client().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    private Relay openRelay() throws Exception {
        EventLoop loop = harness().group().loops().get(0);
        Relay relay = new Relay();
        ConnectionPair in = harness().open(loop, new Recorder(), new Recorder());
        ConnectionPair out = harness().open(loop, new Recorder(), new Recorder());
        relay.source = in.server();
        relay.in = in.client();
        relay.out = out.client();
        relay.sink = out.server();
        relay.in.run(c -> {
            relay.in.recorder().onReadable(c2 -> relay.move());
            relay.out.recorder().onWritable(c2 -> relay.in.connection().resumeReading());
        });
        return relay;
    }

    /** source -> in, relayed on one loop to out -> sink. */
    final class Relay {
        private Side source;
        private Side in;
        private Side out;
        private Side sink;

        Side source() {
            return source;
        }

        Side sink() {
            return sink;
        }

        private void move() throws IOException {
            long n = in.connection().transferTo(out.connection(), Long.MAX_VALUE);
            if (n < 0) {
                out.connection().shutdownOutput();
            }
        }
    }
}
