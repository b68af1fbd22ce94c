package dev.sluice.nio.internal;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.spi.LogLimiter;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Mappings of what has been sent, until they are unmapped. That takes a good part of the time that writing took, and while a sender
 * is at it the peer empties the socket and waits. So they stay until nothing was retired for a while, and a thread of its
 * own unmaps them.
 *
 * <p>Three things bound that: no more than a number of bytes wait, and who retires more unmaps the oldest; none waits
 * for longer than a second, however many others come; and with the group all are unmapped. A file that is deleted keeps
 * its room on the disk for as long.
 *
 * <p>Thread-safe.
 */
final class RetiredMappings implements AutoCloseable {
    private static final LogLimiter WARNINGS =
            new LogLimiter(System.getLogger(RetiredMappings.class.getName()), Level.WARNING);

    /** Small beside what a process may map, large beside most files: these are sent without unmapping anything meanwhile. */
    private static final long MAX_BYTES = 1 << 30;
    /** Windows deletes and cuts no file that is mapped. */
    private static final boolean CAN_WAIT =
            !System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");

    /** Longer than the pauses within a transfer. */
    private static final long CHECK_INTERVAL_MILLIS = 50;
    /** Checks in a row that a mapping can outlive: a second. */
    static final int MAX_CHECKS = 20;

    private static final ScheduledThreadPoolExecutor THREAD = newThread();

    private final Executor nextCheck;
    /** The oldest first. This and what follows is guarded by this. */
    private final Deque<Retired> waiting = new ArrayDeque<>();

    private long waitingBytes;
    private long maxBytes;
    private long checks;
    private boolean checkPending;

    /** @param atCheck how many checks had begun when it was retired */
    private record Retired(FileMappings mappings, long atCheck) {}

    /** @param nextCheck runs a task once, an interval later, on a thread that may take its time */
    RetiredMappings(long maxBytes, Executor nextCheck) {
        this.maxBytes = maxBytes;
        this.nextCheck = nextCheck;
    }

    /** Returns the group's. */
    static RetiredMappings of(EventLoopGroup group) {
        return group.shared(
                RetiredMappings.class,
                () -> new RetiredMappings(CAN_WAIT ? MAX_BYTES : 0, RetiredMappings::runAfterInterval));
    }

    /** Takes over mappings that nobody reads any more, and that any thread may close. Not for loop threads. */
    void retire(FileMappings mappings) {
        add(mappings);
        unmapExcess();
        requestCheck();
    }

    /** Unmaps all, and from now on all that is retired, at once; if called on a loop, on the other thread. */
    @Override
    public void close() {
        synchronized (this) {
            maxBytes = 0;
        }
        if (EventLoop.isLoopThread()) {
            requestCheck();
        } else {
            unmapExcess();
        }
    }

    /** Returns how many bytes wait to be unmapped. */
    synchronized long waitingBytes() {
        return waitingBytes;
    }

    private void check() {
        unmapUntil(nextDue());
        unmapExcess();
        requestCheck();
    }

    /** Begins a check. Returns what is to be unmapped: all that was retired at that many checks or fewer. */
    private synchronized long nextDue() {
        checkPending = false;
        boolean quiet = waiting.isEmpty() || waiting.getLast().atCheck < checks;
        long due = checks - (quiet ? 1 : MAX_CHECKS);
        checks++;
        return due;
    }

    private void requestCheck() {
        synchronized (this) {
            if (checkPending || waiting.isEmpty()) {
                return;
            }
            checkPending = true;
        }
        try {
            nextCheck.execute(this::check);
        } catch (OutOfMemoryError e) { // there is no thread to be had
            WARNINGS.log("no thread to unmap files later: unmapping them now", e);
            synchronized (this) {
                checkPending = false;
            }
            unmapUntil(Long.MAX_VALUE);
        }
    }

    private synchronized void add(FileMappings mappings) {
        waiting.addLast(new Retired(mappings, checks));
        waitingBytes += mappings.bytes();
    }

    private void unmapUntil(long due) {
        for (FileMappings next = pollUntil(due); next != null; next = pollUntil(due)) {
            unmap(next);
        }
    }

    private void unmapExcess() {
        for (FileMappings next = pollExcess(); next != null; next = pollExcess()) {
            unmap(next);
        }
    }

    private synchronized FileMappings pollUntil(long due) {
        return waiting.isEmpty() || waiting.getFirst().atCheck > due ? null : pollOldest();
    }

    private synchronized FileMappings pollExcess() {
        return waitingBytes > maxBytes ? pollOldest() : null;
    }

    private FileMappings pollOldest() {
        FileMappings oldest = waiting.removeFirst().mappings;
        waitingBytes -= oldest.bytes();
        return oldest;
    }

    /** One that fails must not keep the others mapped, nor fail a transfer that is not its own. */
    private static void unmap(FileMappings mappings) {
        try {
            mappings.close();
        } catch (IllegalStateException e) {
            WARNINGS.log("cannot unmap " + mappings.bytes() + " bytes of a file, which stay mapped", e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a check does not fail
    private static void runAfterInterval(Runnable check) {
        THREAD.schedule(check, CHECK_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ScheduledThreadPoolExecutor newThread() {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "sluice-unmap");
            created.setDaemon(true);
            return created;
        });
        thread.setKeepAliveTime(5, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }
}
