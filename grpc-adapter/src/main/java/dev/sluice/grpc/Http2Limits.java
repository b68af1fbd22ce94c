package dev.sluice.grpc;

import java.time.Duration;
import java.util.Objects;

/**
 * What a client may do on a connection before it is sent away ({@link Http2Breach}). Immutable. Each number is at least 1.
 *
 * @param period within which frames are counted; the next one begins with the first frame after it
 * @param maxResets streams that the client resets, if they are also more than half of those that it opened, for clients cancel and
 *     miss deadlines; and streams that the server has to reset for an error
 * @param maxSettings SETTINGS frames
 * @param maxEmptyFrames DATA frames that carry nothing and end nothing
 * @param maxUselessFrames frames that gRPC has no use for
 * @param maxUnreadAnswers PING, SETTINGS and requests whose answers wait for the client to read
 * @param maxContinuations CONTINUATION frames of a header block
 * @param maxHeaderBytes bytes of a header block, compressed
 */
public record Http2Limits(
        Duration period,
        int maxResets,
        int maxSettings,
        int maxEmptyFrames,
        int maxUselessFrames,
        int maxUnreadAnswers,
        int maxContinuations,
        int maxHeaderBytes) {

    /** Checks the limits. */
    public Http2Limits {
        Objects.requireNonNull(period, "period");
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period must be positive, is " + period);
        }
        requirePositive("maxResets", maxResets);
        requirePositive("maxSettings", maxSettings);
        requirePositive("maxEmptyFrames", maxEmptyFrames);
        requirePositive("maxUselessFrames", maxUselessFrames);
        requirePositive("maxUnreadAnswers", maxUnreadAnswers);
        requirePositive("maxContinuations", maxContinuations);
        requirePositive("maxHeaderBytes", maxHeaderBytes);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, is " + value);
        }
    }

    /** Returns the defaults. */
    public static Http2Limits defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects limits; each has the meaning of the record's component. Not thread-safe. */
    public static final class Builder {
        private Duration period = Duration.ofSeconds(30);
        private int maxResets = 100;
        private int maxSettings = 100;
        private int maxEmptyFrames = 100;
        private int maxUselessFrames = 1000;
        private int maxUnreadAnswers = 1000;
        private int maxContinuations = 16;
        private int maxHeaderBytes = 16 << 10;

        private Builder() {}

        /** Default 30 s. */
        public Builder period(Duration value) {
            period = value;
            return this;
        }

        /** Default 100. */
        public Builder maxResets(int value) {
            maxResets = value;
            return this;
        }

        /** Default 100. */
        public Builder maxSettings(int value) {
            maxSettings = value;
            return this;
        }

        /** Default 100. */
        public Builder maxEmptyFrames(int value) {
            maxEmptyFrames = value;
            return this;
        }

        /** Default 1000. */
        public Builder maxUselessFrames(int value) {
            maxUselessFrames = value;
            return this;
        }

        /** Default 1000. */
        public Builder maxUnreadAnswers(int value) {
            maxUnreadAnswers = value;
            return this;
        }

        /** Default 16. */
        public Builder maxContinuations(int value) {
            maxContinuations = value;
            return this;
        }

        /** Default 16 KiB. */
        public Builder maxHeaderBytes(int value) {
            maxHeaderBytes = value;
            return this;
        }

        /** Returns the limits. */
        public Http2Limits build() {
            return new Http2Limits(
                    period,
                    maxResets,
                    maxSettings,
                    maxEmptyFrames,
                    maxUselessFrames,
                    maxUnreadAnswers,
                    maxContinuations,
                    maxHeaderBytes);
        }
    }
}
