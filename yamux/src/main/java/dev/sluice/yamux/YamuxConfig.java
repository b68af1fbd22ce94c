package dev.sluice.yamux;

import java.time.Duration;

/**
 * The settings of a session; the methods of {@link Builder} tell what each does. Immutable.
 *
 * @param acceptBacklog streams of the peer that wait to be accepted, and own streams that the peer has not yet acknowledged, at most
 * @param maxInboundStreams live streams that the peer opened, at most
 * @param maxOutboundStreams live streams that this side opened, at most
 * @param initialWindowBytes what a stream may receive before any of it was read
 * @param maxWindowBytes to which that may grow
 * @param sessionMemoryBytes for the windows of all streams together
 * @param maxFrameBytes payload of one frame that is sent, at most
 * @param maxEarlyResets streams that the peer may open and reset in one second before anything was sent to it on them
 * @param keepAliveInterval silence of the peer after which it is asked for a sign of life; zero for never
 * @param keepAliveTimeout for that sign
 * @param openTimeout for the acknowledgement of a stream; zero for ever
 * @param openTimeoutEndsSession whether the session ends with such a stream
 * @param closeTimeout for the peer's end of a stream that was closed; zero for ever
 * @param closeTimeoutAfterEnd whether that also counts from the end of the output of a stream that is still read
 * @param writeTimeout in which the connection below must take at least one byte
 * @param pingTimeout for the answer to a ping
 * @param drainTimeout for the streams that are live when a session is shut down
 * @param goAwayFirst whether the peer is told of a shutdown when it begins
 */
public record YamuxConfig(
        int acceptBacklog,
        int maxInboundStreams,
        int maxOutboundStreams,
        int initialWindowBytes,
        int maxWindowBytes,
        long sessionMemoryBytes,
        int maxFrameBytes,
        int maxEarlyResets,
        Duration keepAliveInterval,
        Duration keepAliveTimeout,
        Duration openTimeout,
        boolean openTimeoutEndsSession,
        Duration closeTimeout,
        boolean closeTimeoutAfterEnd,
        Duration writeTimeout,
        Duration pingTimeout,
        Duration drainTimeout,
        boolean goAwayFirst) {

    /** What every stream may receive from the start: both sides take it for granted. 256 KiB. */
    public static final int PROTOCOL_WINDOW_BYTES = 256 << 10;

    /** The largest window; there are peers that count windows in signed numbers. 16 MiB. */
    public static final int LARGEST_WINDOW_BYTES = 16 << 20;

    /** The largest payload of a frame that is sent. 64 KiB. */
    public static final int LARGEST_FRAME_BYTES = 64 << 10;

    /** Most streams that may be live in one direction. */
    private static final int MOST_STREAMS = 1 << 20;

    /**
     * Checks the settings, each and against each other.
     *
     * @throws IllegalArgumentException if one is out of its range, or two contradict each other
     */
    public YamuxConfig {
        requireWithin("acceptBacklog", acceptBacklog, 1, MOST_STREAMS);
        requireWithin("maxInboundStreams", maxInboundStreams, 0, MOST_STREAMS);
        requireWithin("maxOutboundStreams", maxOutboundStreams, 0, MOST_STREAMS);
        requireWithin("maxWindowBytes", maxWindowBytes, PROTOCOL_WINDOW_BYTES, LARGEST_WINDOW_BYTES);
        requireWithin("initialWindowBytes", initialWindowBytes, PROTOCOL_WINDOW_BYTES, maxWindowBytes);
        requireWithin("maxFrameBytes", maxFrameBytes, 1, LARGEST_FRAME_BYTES);
        requireWithin("maxEarlyResets", maxEarlyResets, 1, Integer.MAX_VALUE);
        requireMemory(maxInboundStreams, maxOutboundStreams, initialWindowBytes, sessionMemoryBytes);
        requireAtLeastZero("keepAliveInterval", keepAliveInterval);
        requirePositive("keepAliveTimeout", keepAliveTimeout);
        requireAtLeastZero("openTimeout", openTimeout);
        requireAtLeastZero("closeTimeout", closeTimeout);
        requirePositive("writeTimeout", writeTimeout);
        requirePositive("pingTimeout", pingTimeout);
        requirePositive("drainTimeout", drainTimeout);
        if (openTimeoutEndsSession && openTimeout.isZero()) {
            throw new IllegalArgumentException("openTimeoutEndsSession needs an openTimeout, which is zero");
        }
        if (closeTimeoutAfterEnd && closeTimeout.isZero()) {
            throw new IllegalArgumentException("closeTimeoutAfterEnd needs a closeTimeout, which is zero");
        }
    }

    /** Returns the defaults. */
    public static YamuxConfig defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void requireMemory(int inbound, int outbound, int windowBytes, long memoryBytes) {
        long needed = ((long) inbound + outbound) * windowBytes;
        if (memoryBytes < needed) {
            throw new IllegalArgumentException("sessionMemoryBytes must be at least " + needed + ", for " + inbound
                    + " maxInboundStreams and " + outbound + " maxOutboundStreams with " + windowBytes
                    + " initialWindowBytes each, is " + memoryBytes);
        }
    }

    private static void requireWithin(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be from " + min + " to " + max + ", is " + value);
        }
    }

    private static void requireAtLeastZero(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must be at least zero, is " + value);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be more than zero, is " + value);
        }
    }

    /** Collects the settings. Not thread-safe. */
    public static final class Builder {
        private int acceptBacklog = 256;
        private int maxInboundStreams = 1000;
        private int maxOutboundStreams = 256;
        private int initialWindowBytes = PROTOCOL_WINDOW_BYTES;
        private int maxWindowBytes = LARGEST_WINDOW_BYTES;
        private long sessionMemoryBytes = 314L << 20;
        private int maxFrameBytes = LARGEST_FRAME_BYTES;
        private int maxEarlyResets = 100;
        private Duration keepAliveInterval = Duration.ofSeconds(30);
        private Duration keepAliveTimeout = Duration.ofSeconds(10);
        private Duration openTimeout = Duration.ofSeconds(75);
        private boolean openTimeoutEndsSession;
        private Duration closeTimeout = Duration.ofMinutes(5);
        private boolean closeTimeoutAfterEnd;
        private Duration writeTimeout = Duration.ofSeconds(10);
        private Duration pingTimeout = Duration.ofSeconds(15);
        private Duration drainTimeout = Duration.ofSeconds(10);
        private boolean goAwayFirst;

        private Builder() {}

        /**
         * Sets how many streams of the peer may wait to be accepted; more are reset. As many own streams may wait for the peer's
         * acknowledgement: further ones begin when an earlier one was acknowledged. Default: 256, which peers take for granted.
         */
        public Builder acceptBacklog(int streams) {
            acceptBacklog = streams;
            return this;
        }

        /**
         * Sets how many streams that the peer opened may be live; more are reset. Default: 1000, as Go's libp2p has it. Each may make this side
         * hold its window, so fewer streams mean less memory for a peer to take.
         */
        public Builder maxInboundStreams(int streams) {
            maxInboundStreams = streams;
            return this;
        }

        /**
         * Sets how many streams that this side opened may be live; opening more fails. Some peers end the session at their own
         * limit, which is 256 or 512. Default: 256.
         */
        public Builder maxOutboundStreams(int streams) {
            maxOutboundStreams = streams;
            return this;
        }

        /** Sets what a stream may receive before any of it was read, at least 256 KiB: the protocol knows no less. Default: 256 KiB. */
        public Builder initialWindowBytes(int bytes) {
            initialWindowBytes = bytes;
            return this;
        }

        /** Sets to what a window may grow while its stream is read at 64 KiB and more in a round trip, at most 16 MiB. Default: 16 MiB. */
        public Builder maxWindowBytes(int bytes) {
            maxWindowBytes = bytes;
            return this;
        }

        /**
         * Sets how much the peer may make this side hold: the windows of all streams together. Windows grow into three quarters of
         * it; the last one is left to new streams, and a stream that finds no room is refused. Default: 314 MiB, which is
         * the initial window for as many streams as there may be.
         */
        public Builder sessionMemoryBytes(long bytes) {
            sessionMemoryBytes = bytes;
            return this;
        }

        /**
         * Sets how much payload a frame has at most that is sent while no other stream has bytes to send; else it is 16 KiB at
         * most. Default: 64 KiB.
         */
        public Builder maxFrameBytes(int bytes) {
            maxFrameBytes = bytes;
            return this;
        }

        /**
         * Sets how many streams the peer may open and reset in one second before this side has sent any data on them, accepted or not; more
         * end the session. A peer that does so again and again costs this side work, and itself nothing. Default: 100.
         */
        public Builder maxEarlyResets(int perSecond) {
            maxEarlyResets = perSecond;
            return this;
        }

        /** Sets after how much silence the peer is asked for a sign of life; zero for never. Default: 30 s. */
        public Builder keepAliveInterval(Duration interval) {
            keepAliveInterval = interval;
            return this;
        }

        /** Sets how long it has for that sign, which any complete frame is; then the session ends. Default: 10 s. */
        public Builder keepAliveTimeout(Duration timeout) {
            keepAliveTimeout = timeout;
            return this;
        }

        /** Sets how long the peer has to acknowledge a stream, or to send anything on it; then it is reset. Zero for ever. Default: 75 s. */
        public Builder openTimeout(Duration timeout) {
            openTimeout = timeout;
            return this;
        }

        /** Sets whether the session ends with a stream that was not acknowledged in time. Default: no. */
        public Builder openTimeoutEndsSession(boolean ends) {
            openTimeoutEndsSession = ends;
            return this;
        }

        /** Sets how long the peer has to end its direction of a stream that was closed; then it is reset. Zero for ever. Default: 5 min. */
        public Builder closeTimeout(Duration timeout) {
            closeTimeout = timeout;
            return this;
        }

        /**
         * Sets whether the same holds from the end of a stream's output on while the stream is still read. A download that takes longer
         * is then cut. Default: no.
         */
        public Builder closeTimeoutAfterEnd(boolean limits) {
            closeTimeoutAfterEnd = limits;
            return this;
        }

        /** Sets in what time the connection below must take at least one byte of what waits; then the session ends. A session that is closed may take as long, in all, to say what is queued. Default: 10 s. */
        public Builder writeTimeout(Duration timeout) {
            writeTimeout = timeout;
            return this;
        }

        /** Sets how long the answer to a ping may take; then that ping is lost, and nothing else happens. Default: 15 s. */
        public Builder pingTimeout(Duration timeout) {
            pingTimeout = timeout;
            return this;
        }

        /** Sets how long the live streams may go on when the session is shut down. Default: 10 s. */
        public Builder drainTimeout(Duration timeout) {
            drainTimeout = timeout;
            return this;
        }

        /**
         * Sets whether the peer is told of a shutdown when it begins, and not when the last stream has ended. Of the implementations in
         * use only few let live streams go on after that. Default: no.
         */
        public Builder goAwayFirst(boolean first) {
            goAwayFirst = first;
            return this;
        }

        /**
         * Creates the settings.
         *
         * @throws IllegalArgumentException if one is out of its range, or two contradict each other
         */
        public YamuxConfig build() {
            return new YamuxConfig(
                    acceptBacklog,
                    maxInboundStreams,
                    maxOutboundStreams,
                    initialWindowBytes,
                    maxWindowBytes,
                    sessionMemoryBytes,
                    maxFrameBytes,
                    maxEarlyResets,
                    keepAliveInterval,
                    keepAliveTimeout,
                    openTimeout,
                    openTimeoutEndsSession,
                    closeTimeout,
                    closeTimeoutAfterEnd,
                    writeTimeout,
                    pingTimeout,
                    drainTimeout,
                    goAwayFirst);
        }
    }
}
