package dev.sluice.grpc.internal;

import static dev.sluice.grpc.internal.Http2Frames.CONTINUATION;
import static dev.sluice.grpc.internal.Http2Frames.DATA;
import static dev.sluice.grpc.internal.Http2Frames.FLAG_ACK;
import static dev.sluice.grpc.internal.Http2Frames.FLAG_END_STREAM;
import static dev.sluice.grpc.internal.Http2Frames.GOAWAY;
import static dev.sluice.grpc.internal.Http2Frames.HEADERS;
import static dev.sluice.grpc.internal.Http2Frames.NO_ERROR;
import static dev.sluice.grpc.internal.Http2Frames.PING;
import static dev.sluice.grpc.internal.Http2Frames.RST_STREAM;
import static dev.sluice.grpc.internal.Http2Frames.SETTINGS;
import static dev.sluice.grpc.internal.Http2Frames.WINDOW_UPDATE;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.grpc.Http2Limits;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Counts the frames of one connection in both directions and says when a limit is passed. No I/O. Input and output may be on
 * different threads.
 */
final class FrameGuard {
    private static final int MAX_GOAWAYS = 10;

    private final Http2Limits limits;
    private final LongSupplier nanoClock;
    private final long maxUnanswered;
    private final Resets resetsReceived = new Resets();
    private final Resets resetsSent = new Resets();
    private final Rate settings;
    private final Rate emptyFrames;
    private final Rate uselessFrames;
    private final Rate goAways = new Rate(MAX_GOAWAYS);
    private int headerBytes;
    private int continuations;
    /** PING, SETTINGS and requests that came, whose answers did not go out yet. */
    private final AtomicInteger unanswered = new AtomicInteger();

    private volatile boolean tooManyResetsSent;

    /**
     * Creates the guard of one connection.
     *
     * @param maxConcurrentCalls that the connection may have open; their answers are not overdue
     * @param nanoClock the time, as of {@link System#nanoTime()}
     */
    FrameGuard(Http2Limits limits, int maxConcurrentCalls, LongSupplier nanoClock) {
        this.limits = limits;
        this.maxUnanswered = (long) limits.maxUnreadAnswers() + maxConcurrentCalls;
        this.nanoClock = nanoClock;
        settings = new Rate(limits.maxSettings());
        emptyFrames = new Rate(limits.maxEmptyFrames());
        uselessFrames = new Rate(limits.maxUselessFrames());
    }

    /** Looks at a frame of the client's. */
    Optional<Http2Breach> received(int length, int type, int flags, int stream) {
        if (length > Http2Frames.MAX_PAYLOAD_BYTES) {
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
            case HEADERS -> headers(length, 0).or(this::countStream);
            case CONTINUATION -> headers(headerBytes + length, continuations + 1);
            case RST_STREAM -> reset(stream);
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
        if (frames > limits.maxContinuations()) {
            return Optional.of(Http2Breach.CONTINUATIONS);
        }
        return breach(Http2Breach.HEADER_BYTES, bytes > limits.maxHeaderBytes());
    }

    private Optional<Http2Breach> countStream() {
        resetsReceived.countStream();
        return countQuestion();
    }

    /** Some clients reset a stream again for each frame that still comes on it, which costs nothing here. */
    private Optional<Http2Breach> reset(int stream) {
        if (!resetsReceived.isFirst(stream)) {
            return Optional.empty();
        }
        unanswered.decrementAndGet();
        return breach(Http2Breach.RESETS_RECEIVED, resetsReceived.areTooMany());
    }

    private Optional<Http2Breach> countSettings() {
        return settings.countOne() ? Optional.of(Http2Breach.SETTINGS) : countQuestion();
    }

    private Optional<Http2Breach> countQuestion() {
        return breach(Http2Breach.UNREAD_ANSWERS, unanswered.incrementAndGet() > maxUnanswered);
    }

    private Optional<Http2Breach> countUseless() {
        return breach(Http2Breach.USELESS_FRAMES, uselessFrames.countOne());
    }

    /**
     * Counts a frame of the server's. A reset without error is how gRPC ends a call whose client has not ended it: no fault of the
     * client's, and the answer went out before. What the client has on its way then is answered by resets, too, a frame each.
     */
    void sent(int type, int flags, int stream, int value) {
        boolean ends = (type == DATA || type == HEADERS) && (flags & FLAG_END_STREAM) != 0;
        boolean acknowledges = (type == PING || type == SETTINGS) && (flags & FLAG_ACK) != 0;
        if (type == RST_STREAM) {
            sentReset(stream, value);
        } else if (ends || acknowledges) {
            unanswered.decrementAndGet();
        }
    }

    private void sentReset(int stream, int error) {
        if (!resetsSent.isFirst(stream)) {
            return;
        }
        if (error == NO_ERROR) {
            resetsSent.forgive();
            return;
        }
        unanswered.decrementAndGet();
        if (resetsSent.areMany()) {
            tooManyResetsSent = true;
        }
    }

    /** A length of time that begins anew with the first look after its end. */
    private class Period {
        private boolean begun;
        private long begin;

        /** Returns whether this is the first look at a new period. */
        final boolean isNew() {
            long now = nanoClock.getAsLong();
            if (begun && now - begin <= limits.period().toNanos()) {
                return false;
            }
            begun = true;
            begin = now;
            return true;
        }
    }

    /** So many in a period. */
    private final class Rate extends Period {
        private final int max;
        private int count;

        Rate(int max) {
            this.max = max;
        }

        /** Counts one more; returns whether it is one too many. */
        boolean countOne() {
            count = isNew() ? 1 : count + 1;
            return count > max;
        }
    }

    /** Streams that one side resets, beside all that the client opens. */
    private final class Resets extends Period {
        private final Set<Integer> reset = new HashSet<>();
        private int forgiven;
        private int streams;

        /** Without a look at the clock, which costs as much as all the rest: a period begins with a reset. */
        void countStream() {
            streams++;
        }

        /** Notes that a stream was reset; returns whether it had not been before. */
        boolean isFirst(int stream) {
            if (isNew()) {
                streams = 2; // of which this one may be reset
                forgiven = 0;
                reset.clear();
            }
            return reset.add(stream);
        }

        /** The last one does not count. */
        void forgive() {
            forgiven++;
        }

        boolean areMany() {
            return reset.size() - forgiven > limits.maxResets();
        }

        boolean areTooMany() {
            return areMany() && reset.size() > streams / 2;
        }
    }
}
