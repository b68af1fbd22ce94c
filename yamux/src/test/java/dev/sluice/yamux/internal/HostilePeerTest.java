package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Frames without sense, to an application that does what comes to its mind: limits hold, and all is given back. */
class HostilePeerTest {
    private static final YamuxConfig CONFIG = YamuxConfig.builder()
            .acceptBacklog(3)
            .maxInboundStreams(5)
            .maxOutboundStreams(5)
            .sessionMemoryBytes(12 * 262144)
            .build();

    private static final long[] LENGTHS = {0, 1, 7, 131072, 262144, 262145, 0x7FFF_FFFFL, 0xFFFF_FFFFL};

    @Property(tries = 1000)
    void shouldKeepItsLimitsWhateverIsReceived(@ForAll long seed) {
        Random random = new Random(seed);
        DrivenSession fresh = new DrivenSession(Role.SERVER, CONFIG);
        fresh.accepts = random.nextBoolean();

        for (int step = 0; step < 200 && fresh.ended == null; step++) {
            frame(random, fresh);
            use(random, fresh);
            requireLimits(fresh);
        }

        fresh.session.abort(new TransportException(Reason.IO_ERROR, "enough"));
        fresh.offered.forEach(YamuxStream::close); // which gives up what is unread
        YamuxStats stats = fresh.session.stats();
        assertThat(stats.inboundStreams() + stats.outboundStreams()).isZero();
        assertThat(stats.memoryBytes()).isZero();
        assertThat(fresh.offered).allMatch(stream -> !stream.isLive());
    }

    private static void frame(Random random, DrivenSession to) {
        boolean absurd = random.nextInt(50) == 0;
        FrameType type = FrameType.of(absurd ? random.nextInt(4) : random.nextInt(3));
        int flags = random.nextInt(3) == 0 ? random.nextInt(16) : 1 << random.nextInt(5);
        long streamId = absurd ? random.nextInt(4) : 1 + 2 * random.nextInt(8) + random.nextInt(2);
        long length = LENGTHS[random.nextInt(absurd ? LENGTHS.length : 4)];
        if (Flags.isSet(flags, Flags.SYN) && !absurd) {
            streamId |= 1;
        }
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        Frame.encode(header, type, flags, streamId, length);
        to.session.receive(header.flip());
        if (type == FrameType.DATA) {
            to.session.receive(ByteBuffer.allocate((int) Math.min(length, 1 << 20)));
        }
    }

    private static void use(Random random, DrivenSession driven) {
        if (random.nextInt(10) == 0) {
            open(random, driven);
        }
        if (!driven.offered.isEmpty()) {
            YamuxStream stream = driven.offered.get(random.nextInt(driven.offered.size()));
            switch (random.nextInt(6)) {
                case 0 -> stream.reset(3);
                case 1 -> {
                    if (!stream.awaitsAccept) {
                        stream.close();
                    }
                }
                case 2 -> {
                    if (stream.awaitsAccept) {
                        stream.accept();
                    }
                }
                case 3 -> {
                    if (stream.isOutputOpen()) {
                        driven.send(stream, new byte[random.nextInt(100_000)]);
                    }
                }
                default -> stream.bytesRead(stream.unreadBytes());
            }
        }
        if (random.nextInt(4) == 0) {
            driven.output();
        }
        driven.pass(Duration.ofMillis(random.nextInt(100)));
    }

    private static void open(Random random, DrivenSession driven) {
        try {
            YamuxStream opened = driven.session.open();
            driven.offered.add(opened);
            driven.send(opened, new byte[random.nextInt(1000)]);
        } catch (TransportException e) {
            assertThat(driven.session.isOver() || e.reason() == Reason.LIMIT_EXCEEDED || e.reason() == Reason.SHUTDOWN)
                    .as(e.getMessage())
                    .isTrue();
        }
    }

    private static void requireLimits(DrivenSession driven) {
        YamuxStats stats = driven.session.stats();
        assertThat(stats.inboundStreams()).isBetween(0, CONFIG.maxInboundStreams());
        assertThat(stats.outboundStreams()).isBetween(0, CONFIG.maxOutboundStreams());
        assertThat(stats.memoryBytes()).isBetween(0L, CONFIG.sessionMemoryBytes());
        for (YamuxStream stream : driven.offered) {
            assertThat(stream.unreadBytes()).isBetween(0L, stream.receiveWindowBytes());
            assertThat(stream.sendWindowBytes()).isBetween(0L, 0xFFFF_FFFFL);
        }
    }
}
