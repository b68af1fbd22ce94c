package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Counts the frames of one connection in both directions and says when a limit is passed. No I/O. Input and output may be on
 * different threads.
 */
final class FrameGuard {
    static final int MAX_CONTINUATIONS = 16;
    static final int MAX_HEADER_BYTES = 16 << 10;
    static final int MAX_FRAME_BYTES = 16 << 10;
    static final int MAX_RESETS = 100;
    static final int MAX_SETTINGS = 100;
    static final int MAX_EMPTY_FRAMES = 100;
    static final int MAX_USELESS_FRAMES = 1000;
    static final int MAX_UNREAD_ANSWERS = 1000;
    static final int MAX_GOAWAYS = 10;
    static final Duration PERIOD = Duration.ofSeconds(30);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = FrameScanner.RST_STREAM;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int NO_ERROR = 0;
    private static final int FLAG_ACK = 1;
    private static final int FLAG_END_STREAM = 1;

    private final Rate resetsReceived;
    private final Rate resetsSent;
    private final Rate settings;
    private final Rate emptyFrames;
    private final Rate uselessFrames;
    private final Rate goAways;
    private int headerBytes;
    private int continuations;
    /** PING, SETTINGS and requests that came, whose answers did not go out yet. */
    private final AtomicInteger unanswered = new AtomicInteger();

    private volatile boolean tooManyResetsSent;

    /** @param nanoClock the time, as of {@link System#nanoTime()} */
    FrameGuard(LongSupplier nanoClock) {
        resetsReceived = new Rate(MAX_RESETS, nanoClock);
        resetsSent = new Rate(MAX_RESETS, nanoClock);
        settings = new Rate(MAX_SETTINGS, nanoClock);
        emptyFrames = new Rate(MAX_EMPTY_FRAMES, nanoClock);
        uselessFrames = new Rate(MAX_USELESS_FRAMES, nanoClock);
        goAways = new Rate(MAX_GOAWAYS, nanoClock);
    }

    /** Looks at a frame of the client's. */
    Optional<Http2Breach> received(int length, int type, int flags) {
        if (length > MAX_FRAME_BYTES) {
            return Optional.of(Http2Breach.FRAME_BYTES);
        }
        if (tooManyResetsSent) {
            return Optional.of(Http2Breach.RESETS_CAUSED);
        }
        boolean ack = (flags & FLAG_ACK) != 0;
        return switch (type) {
            case DATA ->
                breach(
                        Http2Breach.EMPTY_FRAMES,
                        length == 0 && (flags & FLAG_END_STREAM) == 0 && emptyFrames.countOne());
            case HEADERS -> headers(length, 0).or(this::countQuestion);
            case CONTINUATION -> headers(headerBytes + length, continuations + 1);
            case RST_STREAM -> reset();
            case SETTINGS -> ack ? countUseless() : countSettings();
            case PING -> ack ? countUseless() : countQuestion();
            case GOAWAY -> breach(Http2Breach.USELESS_FRAMES, goAways.countOne());
            case WINDOW_UPDATE -> Optional.empty();
            default -> countUseless();
        };
    }

    private static Optional<Http2Breach> breach(Http2Breach what, boolean passed) {
        return passed ? Optional.of(what) : Optional.empty();
    }

    private Optional<Http2Breach> headers(int bytes, int frames) {
        headerBytes = bytes;
        continuations = frames;
        if (frames > MAX_CONTINUATIONS) {
            return Optional.of(Http2Breach.CONTINUATIONS);
        }
        return breach(Http2Breach.HEADER_BYTES, bytes > MAX_HEADER_BYTES);
    }

    private Optional<Http2Breach> reset() {
        unanswered.decrementAndGet();
        return breach(Http2Breach.RESETS_RECEIVED, resetsReceived.countOne());
    }

    private Optional<Http2Breach> countSettings() {
        return settings.countOne() ? Optional.of(Http2Breach.SETTINGS) : countQuestion();
    }

    private Optional<Http2Breach> countQuestion() {
        return breach(Http2Breach.UNREAD_ANSWERS, unanswered.incrementAndGet() > MAX_UNREAD_ANSWERS);
    }

    private Optional<Http2Breach> countUseless() {
        return breach(Http2Breach.USELESS_FRAMES, uselessFrames.countOne());
    }

    /**
     * Counts a frame of the server's. A reset without error is how gRPC ends a call whose client has not ended it: no fault of the
     * client's, and the answer went out before.
     */
    void sent(int type, int flags, int code) {
        boolean ends = (type == DATA || type == HEADERS) && (flags & FLAG_END_STREAM) != 0;
        boolean acknowledges = (type == PING || type == SETTINGS) && (flags & FLAG_ACK) != 0;
        boolean fails = type == RST_STREAM && code != NO_ERROR;
        if (ends || acknowledges || fails) {
            unanswered.decrementAndGet();
        }
        if (fails && resetsSent.countOne()) {
            tooManyResetsSent = true;
        }
    }

    /** So many in a period, which begins anew with the first one after it. */
    private static final class Rate {
        private final int max;
        private final LongSupplier nanoClock;
        private long begin;
        private int count;

        Rate(int max, LongSupplier nanoClock) {
            this.max = max;
            this.nanoClock = nanoClock;
        }

        /** Counts one more; returns whether it is one too many. */
        boolean countOne() {
            long now = nanoClock.getAsLong();
            if (count == 0 || now - begin > PERIOD.toNanos()) {
                begin = now;
                count = 0;
            }
            return ++count > max;
        }
    }
}
