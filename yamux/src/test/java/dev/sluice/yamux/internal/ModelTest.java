package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.yamux.YamuxConfig;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Two sessions do what comes to somebody's mind, over a pipe that cuts bytes anywhere. Beside them stands the simplest model of a stream: a
 * list of bytes in each direction, and whether it was ended, closed or reset.
 */
class ModelTest {
    private static final YamuxConfig CONFIG = YamuxConfig.builder()
            .acceptBacklog(2)
            .maxInboundStreams(6)
            .maxOutboundStreams(6)
            .maxEarlyResets(Integer.MAX_VALUE)
            .sessionMemoryBytes(24 * 262144)
            .maxFrameBytes(5000)
            .keepAliveInterval(Duration.ZERO)
            .openTimeout(Duration.ZERO)
            .closeTimeout(Duration.ZERO)
            .writeTimeout(Duration.ofDays(1))
            .build();

    /** One end of a stream, with what the model knows of it. */
    private static final class End {
        final YamuxStream stream;
        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        boolean ended;
        boolean closed;
        boolean reset;
        int read;

        End(YamuxStream stream) {
            this.stream = stream;
        }

        DrivenSession.Received received() {
            return DrivenSession.of(stream);
        }

        boolean hasLostInput() {
            return received().failure != null && !received().inputKept;
        }

        boolean mayWrite() {
            return stream.isOutputOpen();
        }
    }

    /** One side: the session, its ends of streams, and its bytes on the way to the other side. */
    private static final class Side {
        final DrivenSession driven;
        final List<End> ends = new ArrayList<>();
        byte[] onTheWay = {};

        Side(Role role) {
            driven = new DrivenSession(role, CONFIG);
            driven.accepts = false;
        }

        /** Finds the ends of streams that the other side has opened since. */
        void look() {
            for (YamuxStream stream : driven.offered) {
                if (endOf(stream) == null) {
                    ends.add(new End(stream));
                }
            }
        }

        End endOf(YamuxStream stream) {
            return ends.stream().filter(end -> end.stream == stream).findFirst().orElse(null);
        }

        End endOf(long id) {
            return ends.stream()
                    .filter(end -> end.stream.id() == id)
                    .findFirst()
                    .orElse(null);
        }

        void poll(int maxBytes) {
            byte[] more = driven.outputBytes(maxBytes);
            int before = onTheWay.length;
            onTheWay = Arrays.copyOf(onTheWay, before + more.length);
            System.arraycopy(more, 0, onTheWay, before, more.length);
        }

        void deliverTo(Side other, int maxBytes) {
            int count = Math.min(maxBytes, onTheWay.length);
            ByteBuffer piece = ByteBuffer.wrap(Arrays.copyOf(onTheWay, count));
            onTheWay = Arrays.copyOfRange(onTheWay, count, onTheWay.length);
            other.driven.session.receive(piece);
            assertThat(piece.hasRemaining()).isFalse();
            other.look();
        }
    }

    @Property(tries = 400)
    void shouldDoAsTheModelSays(@ForAll long seed, @ForAll @IntRange(min = 1, max = 500) int steps) throws Exception {
        Random random = new Random(seed);
        Side client = new Side(Role.CLIENT);
        Side server = new Side(Role.SERVER);

        for (int step = 0; step < steps; step++) {
            boolean first = random.nextBoolean();
            step(random, first ? client : server, first ? server : client);
            checkLimits(client);
            checkLimits(server);
        }
        settle(client, server);
        checkStreams(client, server);
        checkStreams(server, client);
        finish(client, server);
    }

    private static void step(Random random, Side side, Side other) throws Exception {
        if (random.nextInt(12) == 0 && side.driven.session.stats().outboundStreams() < 6) {
            side.ends.add(new End(side.driven.session.open()));
        }
        switch (random.nextInt(3)) {
            case 0 -> side.poll(1 + random.nextInt(1 << random.nextInt(18)));
            case 1 -> side.deliverTo(other, 1 + random.nextInt(1 << random.nextInt(18)));
            default -> {
                if (!side.ends.isEmpty()) {
                    use(random, side, side.ends.get(random.nextInt(side.ends.size())));
                }
            }
        }
        side.driven.pass(Duration.ofNanos(random.nextInt(1_000_000)));
    }

    private static void use(Random random, Side side, End end) {
        if (end.stream.awaitsAccept && random.nextInt(3) > 0) {
            end.stream.accept();
        }
        switch (random.nextInt(20)) {
            case 0 -> {
                if (!end.stream.awaitsAccept) {
                    end.ended = true;
                    end.stream.endOutput();
                }
            }
            case 1 -> {
                if (!end.stream.awaitsAccept && random.nextBoolean()) {
                    end.ended = true;
                    end.closed = true;
                    end.stream.close();
                }
            }
            case 2 -> {
                if (random.nextInt(3) == 0) {
                    end.reset |= end.stream.isLive();
                    end.stream.reset(random.nextInt(5));
                }
            }
            case 3 -> side.driven.session.ping();
            case 4, 5, 6, 7, 8, 9 -> read(end, random.nextInt(1 << random.nextInt(19)));
            default -> write(random, side, end);
        }
    }

    private static void write(Random random, Side side, End end) {
        if (end.mayWrite()) {
            byte[] bytes = new byte[random.nextInt(1 << random.nextInt(18))];
            random.nextBytes(bytes);
            end.written.writeBytes(bytes);
            side.driven.send(end.stream, bytes);
        }
    }

    /** Reads of what came, as an application that knows nothing of what was only announced. */
    private static void read(End end, int most) {
        boolean lost = end.closed || end.reset || end.hasLostInput();
        int bytes = lost ? 0 : Math.min(most, end.received().bytes.size() - end.read);
        end.read += bytes;
        end.stream.bytesRead(bytes);
    }

    private static void checkLimits(Side side) {
        assertThat(side.driven.ended).isNull();
        assertThat(side.driven.session.stats().refused()).isZero();
        assertThat(side.driven.session.stats().memoryBytes()).isBetween(0L, CONFIG.sessionMemoryBytes());
        for (End end : side.ends) {
            assertThat(end.stream.sendWindowBytes()).isNotNegative();
            assertThat(end.stream.unreadBytes()).isBetween(0L, end.stream.receiveWindowBytes());
        }
    }

    /** Lets everything arrive, be accepted and be read. */
    private static void settle(Side client, Side server) {
        boolean quiet;
        do {
            for (Side side : List.of(client, server)) {
                side.look();
                for (End end : side.ends) {
                    if (end.stream.awaitsAccept) {
                        end.stream.accept();
                    }
                    read(end, Integer.MAX_VALUE);
                }
                side.poll(Integer.MAX_VALUE);
            }
            quiet = client.onTheWay.length + server.onTheWay.length == 0;
            client.deliverTo(server, Integer.MAX_VALUE);
            server.deliverTo(client, Integer.MAX_VALUE);
        } while (!quiet);
    }

    private static void checkStreams(Side side, Side other) {
        for (End end : side.ends) {
            End peer = end.stream.id() == 0 ? null : other.endOf(end.stream.id());
            if (peer == null) {
                assertThat(end.reset).as(end.stream + ": unknown to the peer").isTrue();
                continue;
            }
            byte[] sent = end.written.toByteArray();
            byte[] got = peer.received().bytes.toByteArray();
            assertThat(got.length).isLessThanOrEqualTo(sent.length);
            assertThat(got).as(end.stream + ": bytes").isEqualTo(Arrays.copyOf(sent, got.length));
            boolean cut = end.reset || peer.reset || end.closed || peer.closed;
            if (!cut) {
                assertThat(got).as(end.stream + ": all bytes").hasSameSizeAs(sent);
                assertThat(peer.received().ended).as(end.stream + ": end").isEqualTo(end.ended);
                assertThat(end.received().failure).isNull();
                assertThat(end.received().finished).isEqualTo(end.ended && peer.ended);
            }
            if (peer.received().ended && !peer.closed) {
                assertThat(got).as(end.stream + ": an end is never too early").hasSameSizeAs(sent);
            }
            boolean lives = end.stream.isLive();
            assertThat(peer.stream.isLive()).as(end.stream + ": both or none").isEqualTo(lives);
            assertThat(lives && (end.reset || (end.ended && peer.ended))).isFalse();
        }
    }

    /** Ends all there is, and sees that all that was counted is given back. */
    private static void finish(Side client, Side server) {
        for (Side side : List.of(client, server)) {
            for (End end : side.ends) {
                end.reset |= end.stream.isLive();
                end.stream.reset(0);
            }
        }
        settle(client, server);
        for (Side side : List.of(client, server)) {
            assertThat(side.driven.session.stats().inboundStreams()).isZero();
            assertThat(side.driven.session.stats().outboundStreams()).isZero();
            assertThat(side.driven.session.stats().memoryBytes()).isZero();
            side.driven.session.shutdown();
            side.poll(Integer.MAX_VALUE);
            assertThat(side.driven.ended.reason()).isEqualTo(Reason.CLOSED);
            assertThat(side.onTheWay).isEqualTo(Hex.bytes("000300000000000000000000"));
        }
    }
}
