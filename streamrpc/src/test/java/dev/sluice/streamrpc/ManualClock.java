package dev.sluice.streamrpc;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Time that passes when the test says so. Thread-safe. */
public final class ManualClock implements LongSupplier {
    private final AtomicLong nanos = new AtomicLong(1);

    @Override
    public long getAsLong() {
        return nanos.get();
    }

    /** Lets time pass and wakes the loops, which would otherwise sleep until their timers are due in real time. */
    public void advance(Duration duration, EventLoopGroup group) {
        nanos.addAndGet(duration.toNanos());
        for (EventLoop loop : group.loops()) {
            loop.execute(() -> {});
        }
    }
}
