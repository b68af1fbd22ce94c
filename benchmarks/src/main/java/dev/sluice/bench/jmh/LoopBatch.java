package dev.sluice.bench.jmh;

import dev.sluice.nio.EventLoop;

/** Something that runs on a loop while a benchmark's thread waits, without allocating. For one submitting thread. */
final class LoopBatch implements Runnable {
    /** What runs on the loop. */
    interface Body {
        void run() throws Exception;
    }

    private final EventLoop loop;
    private final Body body;
    private volatile long finished;
    private volatile Exception failure;
    private long submitted;

    LoopBatch(EventLoop loop, Body body) {
        this.loop = loop;
        this.body = body;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes
    public void run() {
        try {
            body.run();
        } catch (Exception e) {
            failure = e;
        }
        finished++;
    }

    /** Submits the body and waits, spinning, until it has run. */
    void runAndWait() {
        submit();
        await();
    }

    /** Submits the body. */
    void submit() {
        submitted++;
        loop.execute(this);
    }

    /** Waits, spinning, until all that was submitted has run. */
    void await() {
        while (finished < submitted) {
            Thread.onSpinWait();
        }
        if (failure != null) {
            throw new IllegalStateException("the loop's part failed", failure);
        }
    }
}
