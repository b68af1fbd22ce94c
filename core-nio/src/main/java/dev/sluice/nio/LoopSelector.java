package dev.sluice.nio;

import dev.sluice.nio.spi.SelectionHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A loop's selector: tells the handlers of channels that are ready, lets the loop sleep until there is one or it is woken, and is replaced
 * when it breaks.
 *
 * <p>Loop-confined, but for {@link #wakeIfAsleep}, {@link #wake} and the counters.
 */
final class LoopSelector {
    private static final Logger LOG = System.getLogger(LoopSelector.class.getName());

    /** Selects in a row that came back early and empty before the selector counts as broken. */
    private static final int SPURIOUS_SELECTS = 512;

    private final EventLoopGroup.Config config;
    private final String name;
    private final Consumer<SelectionKey> onSelected = this::dispatch;

    /** True from just before the loop blocks until somebody, the loop itself or a waker, takes notice. */
    private final AtomicBoolean sleeping = new AtomicBoolean();

    private final AtomicLong wakeups = new AtomicLong();
    private final AtomicLong rebuilds = new AtomicLong();

    private volatile Selector selector;
    private int spuriousSelects;
    /** Whether this turn's select has found something, and when: from there on it is not waiting but working. */
    private boolean dispatching;

    private long dispatchingSince;

    /** @param name of the loop */
    LoopSelector(EventLoopGroup.Config config, String name) throws IOException {
        this.config = config;
        this.name = name;
        this.selector = config.selectorProvider().openSelector();
    }

    void register(SelectableChannel channel, int ops, SelectionHandler handler) throws ClosedChannelException {
        handler.onRegistered(channel.register(selector, ops, handler));
    }

    /** Begins a turn. */
    void beginTurn() {
        dispatching = false;
    }

    /** Returns how long handlers have been at work in this turn. */
    long busyNanos() {
        return dispatching ? nanoTime() - dispatchingSince : 0;
    }

    /** Tells those that are ready now, and returns how many that were. */
    int selectNow() throws IOException {
        return selector.selectNow(onSelected);
    }

    /**
     * Sleeps until a channel is ready, somebody wakes this, or the time is over.
     *
     * @param begin the time now
     * @param waitNanos {@code Long.MAX_VALUE} for ever
     * @param hasWork whether there is something else to do: asked once this can be seen to sleep
     */
    void sleep(long begin, long waitNanos, BooleanSupplier hasWork) throws IOException {
        sleeping.set(true);
        if (hasWork.getAsBoolean() || waitNanos == 0) {
            sleeping.set(false);
            selectNow();
            return;
        }
        int selected = selector.select(onSelected, millisOf(waitNanos));
        boolean woken = !sleeping.getAndSet(false);
        if (Thread.interrupted()) { // by a task's mistake: it would keep the selector from sleeping, and close files
            LOG.log(Level.DEBUG, "{0} was interrupted, which has no meaning here", name);
            return;
        }
        if (selected > 0 || woken || nanoTime() - begin >= waitNanos) {
            spuriousSelects = 0;
        } else if (++spuriousSelects >= SPURIOUS_SELECTS) {
            LOG.log(Level.WARNING, name + ": the selector spins, replacing it");
            replace();
        }
    }

    /** Rounded up, so that a timer is due when the selector returns; 0 would mean for ever, which is right for "none". */
    private static long millisOf(long nanos) {
        return nanos == Long.MAX_VALUE ? 0 : Math.max(1, (nanos + 999_999) / 1_000_000);
    }

    private void dispatch(SelectionKey key) {
        if (!dispatching) {
            dispatching = true;
            dispatchingSince = nanoTime();
        }
        if (sleeping.get()) {
            sleeping.set(false); // awake: whoever submits from here on need not wake us
        }
        try {
            ((SelectionHandler) key.attachment()).onSelected(key.readyOps());
        } catch (CancelledKeyException e) {
            // Another key's handler closed this channel in the same turn: there is nobody left to tell.
            LOG.log(Level.TRACE, "ready after it was cancelled");
        } catch (Throwable t) {
            LOG.log(Level.ERROR, name + ": a selection handler failed", t);
        }
    }

    /** Wakes the loop if it sleeps and nobody else has yet. Any thread but the loop's. */
    void wakeIfAsleep() {
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            wakeups.lazySet(wakeups.get() + 1);
            selector.wakeup();
        }
    }

    /** Ends the sleep, or the next one. Any thread. */
    void wake() {
        selector.wakeup();
    }

    /** Goes on with another selector, if there can be one. */
    void replace() {
        spuriousSelects = 0;
        Selector broken = selector;
        try {
            Selector fresh = config.selectorProvider().openSelector();
            for (SelectionKey key : Set.copyOf(broken.keys())) {
                move(key, fresh);
            }
            selector = fresh;
            rebuilds.lazySet(rebuilds.get() + 1);
            broken.close();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, name + ": could not replace the selector, going on with the old one", e);
        }
    }

    private static void move(SelectionKey key, Selector fresh) {
        if (!key.isValid()) {
            return;
        }
        try {
            SelectionHandler handler = (SelectionHandler) key.attachment();
            int ops = key.interestOps();
            key.cancel();
            handler.onRegistered(key.channel().register(fresh, ops, handler));
        } catch (ClosedChannelException | CancelledKeyException e) {
            LOG.log(Level.DEBUG, "closed while the selector was replaced", e);
        }
    }

    /** Closes the selector, and all channels that are left. */
    void close() {
        try {
            for (SelectionKey key : Set.copyOf(selector.keys())) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the selector of " + name, e);
        }
    }

    /** Returns how often another thread had to wake the loop. Any thread. */
    long wakeups() {
        return wakeups.get();
    }

    /** Returns how often the selector was replaced. Any thread. */
    long rebuilds() {
        return rebuilds.get();
    }

    private long nanoTime() {
        return config.nanoClock().getAsLong();
    }
}
