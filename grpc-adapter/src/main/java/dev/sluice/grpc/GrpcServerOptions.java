package dev.sluice.grpc;

import java.util.Objects;

/**
 * What Sluice's gRPC server does in its own way, beside what gRPC's builder sets. Immutable.
 *
 * @param driving what reads and writes the connections
 * @param limits what a client may do on a connection
 * @param maxConcurrentCalls calls that a connection may have open at a time; a method that streams counts until it ends
 * @param flowControlWindowBytes how much a client may send on a stream before the method has read it, and on the whole connection before
 *     it has arrived; larger windows make uploads over long distances faster, and cost as much memory for each stream
 */
public record GrpcServerOptions(
        Driving driving, Http2Limits limits, int maxConcurrentCalls, int flowControlWindowBytes) {
    /** Calls that a connection may have open at a time unless set otherwise. */
    public static final int DEFAULT_MAX_CONCURRENT_CALLS = 100;

    private static final int MIN_WINDOW_BYTES = 65_535;

    /** Checks the options. */
    public GrpcServerOptions {
        Objects.requireNonNull(driving, "driving");
        Objects.requireNonNull(limits, "limits");
        if (maxConcurrentCalls < 1) {
            throw new IllegalArgumentException("maxConcurrentCalls must be at least 1, is " + maxConcurrentCalls);
        }
        if (flowControlWindowBytes < MIN_WINDOW_BYTES) {
            throw new IllegalArgumentException("flowControlWindowBytes must be at least " + MIN_WINDOW_BYTES
                    + ", HTTP/2's own, is " + flowControlWindowBytes);
        }
    }

    /** What reads and writes connections. */
    public enum Driving {
        /** Their loops, so that none costs a thread; {@link #THREADS} if this version of grpc-okhttp does not allow that. */
        LOOPS,
        /** A thread each that reads, and another one while there is something to write: virtual ones where the JDK has them. */
        THREADS
    }

    /** Returns the defaults. */
    public static GrpcServerOptions defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each has the meaning of the record's component. Not thread-safe. */
    public static final class Builder {
        private Driving driving = Driving.LOOPS;
        private Http2Limits limits = Http2Limits.defaults();
        private int maxConcurrentCalls = DEFAULT_MAX_CONCURRENT_CALLS;
        private int flowControlWindowBytes = MIN_WINDOW_BYTES;

        private Builder() {}

        /** Default {@link Driving#LOOPS}. */
        public Builder driving(Driving value) {
            driving = value;
            return this;
        }

        /** Default {@link Http2Limits#defaults()}. */
        public Builder limits(Http2Limits value) {
            limits = value;
            return this;
        }

        /** Default {@value #DEFAULT_MAX_CONCURRENT_CALLS}; gRPC's own is no limit. */
        public Builder maxConcurrentCalls(int value) {
            maxConcurrentCalls = value;
            return this;
        }

        /** Default 64 KiB - 1, as HTTP/2 begins. */
        public Builder flowControlWindowBytes(int value) {
            flowControlWindowBytes = value;
            return this;
        }

        /** Returns the options. */
        public GrpcServerOptions build() {
            return new GrpcServerOptions(driving, limits, maxConcurrentCalls, flowControlWindowBytes);
        }
    }
}
