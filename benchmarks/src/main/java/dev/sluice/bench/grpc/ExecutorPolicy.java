package dev.sluice.bench.grpc;

import io.grpc.ServerBuilder;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Where a server runs methods: decides more than the transport does, so only servers of one policy are compared. */
public enum ExecutorPolicy {
    /** Wherever it does if nobody says. */
    DEFAULT {
        @Override
        void applyTo(ServerBuilder<?> builder) {
            // As it comes.
        }
    },
    /** On the thread that reads the connection. */
    DIRECT {
        @Override
        void applyTo(ServerBuilder<?> builder) {
            builder.directExecutor();
        }
    },
    /** On two threads. */
    FIXED {
        @Override
        void applyTo(ServerBuilder<?> builder) {
            ThreadPoolExecutor threads = new ThreadPoolExecutor(
                    FIXED_THREADS, FIXED_THREADS, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
            threads.allowCoreThreadTimeOut(true); // nobody shuts it down
            builder.executor(threads);
        }
    };

    private static final int FIXED_THREADS = 2;

    abstract void applyTo(ServerBuilder<?> builder);

    /** Returns the name for people. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
