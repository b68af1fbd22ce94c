package dev.sluice.nio;

import dev.sluice.nio.internal.Transports;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A fixed number of {@link EventLoop}s, and the place where connections begin: {@link #listen} and {@link #connect}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class EventLoopGroup implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EventLoopGroup.class.getName());

    private static final AtomicInteger GROUPS = new AtomicInteger();
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(10);

    private final Config config;
    private final String name;
    private final List<EventLoop> loops;
    private final AtomicInteger next = new AtomicInteger();
    /** Groups for channels that only another selector provider can select. */
    private final Map<SelectorProvider, EventLoopGroup> foreign = new ConcurrentHashMap<>();
    /** What the transports share, by its type. */
    private final Map<Class<?>, AutoCloseable> shared = new ConcurrentHashMap<>();

    private volatile boolean closing;

    private EventLoopGroup(Config config, String name, int size) {
        this.config = config;
        this.name = name;
        List<EventLoop> started = new ArrayList<>(size);
        try {
            for (int i = 0; i < size; i++) {
                started.add(new EventLoop(this, config, name + "-" + i));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot open a selector for " + name + ": " + e.getMessage(), e);
        }
        started.forEach(EventLoop::start);
        this.loops = List.copyOf(started);
    }

    /** Returns a builder with the defaults: a loop per processor, {@linkplain IdleStrategy#adaptive() adaptive} idle strategy. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a group of {@code loops} loops with defaults for all else. */
    public static EventLoopGroup of(int loops) {
        return builder().loops(loops).build();
    }

    /** Returns the loops, always the same ones. */
    public List<EventLoop> loops() {
        return loops;
    }

    /** Returns the loop whose turn it is to take a connection. */
    public EventLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** Returns the buffer pool that the loops share. */
    public BufferPool buffers() {
        return config.buffers();
    }

    /** As {@link #listen(Endpoint, Acceptor, int)}, without a limit. */
    public Listener listen(Endpoint endpoint, Acceptor acceptor) throws TransportException {
        return listen(endpoint, acceptor, Integer.MAX_VALUE);
    }

    /**
     * Accepts connections at an address. Blocks while it binds; not for loop threads.
     *
     * @param acceptor called on the loop of each new connection
     * @param maxConnections how many connections accepted here may be open at a time, at least 1; more clients wait in the
     *     system's backlog
     * @throws TransportException if the address cannot be used; the text says what to do
     */
    public Listener listen(Endpoint endpoint, Acceptor acceptor, int maxConnections) throws TransportException {
        Builder.positive(maxConnections, "maxConnections");
        return Transports.listen(this, endpoint, acceptor, maxConnections);
    }

    /**
     * Connects to an address. The connection lives on a loop of this group; the handler is attached before the stage completes.
     * What is chained to the stage runs on the loop, or where it is chained if the stage is complete by then.
     *
     * @param timeout for name resolution, connecting and the handshake of a layer together; more than zero. The endpoint may set a shorter one
     *     ({@link Endpoint#connectTimeout})
     * @return completed with a {@link TransportException} on failure; cancelling it has no effect
     */
    public CompletionStage<Connection> connect(Endpoint endpoint, ConnectionHandler handler, Duration timeout) {
        return connect(next(), endpoint, handler, timeout);
    }

    /** As {@link #connect(Endpoint, ConnectionHandler, Duration)}, on a given loop where the transport can use it. */
    public CompletionStage<Connection> connect(
            EventLoop loop, Endpoint endpoint, ConnectionHandler handler, Duration timeout) {
        return Transports.connect(loop, endpoint, handler, timeout);
    }

    /**
     * Returns a group with one loop that selects with {@code provider}, for transports whose channels are not the
     * platform's. It is made when first asked for, shares the buffers, and is closed with this group.
     */
    public EventLoopGroup forSelectorProvider(SelectorProvider provider) {
        if (provider.equals(config.selectorProvider())) {
            return this;
        }
        return foreign.computeIfAbsent(
                provider,
                p -> new EventLoopGroup(
                        config.withSelectorProvider(p),
                        name + "-" + p.getClass().getSimpleName(),
                        1));
    }

    /**
     * Returns what the connections of this group share of a type, for transports. It is made when first asked for.
     *
     * <p>It is closed when the group is asked to end, before the last connections have; what is first asked for after that,
     * before it is returned. So it bears to be used after that, to be closed again, and to be closed on a loop.
     */
    public <T extends AutoCloseable> T shared(Class<T> type, Supplier<T> maker) {
        T one = type.cast(shared.computeIfAbsent(type, absent -> maker.get()));
        if (closing) {
            closeShared(one);
        }
        return one;
    }

    /** Aborts all connections with {@link Reason#SHUTDOWN} and ends the loops; waits up to 10 s for all together. Idempotent. */
    @Override
    public void close() {
        requestShutdown();
        if (EventLoop.isLoopThread()) {
            return; // a loop cannot wait for itself
        }
        try {
            awaitTermination(System.nanoTime() + SHUTDOWN_LIMIT.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void requestShutdown() {
        foreign.values().forEach(EventLoopGroup::requestShutdown);
        loops.forEach(EventLoop::requestShutdown);
        closing = true;
        shared.values().forEach(EventLoopGroup::closeShared);
    }

    /** A failure is that of a transport, and ends nothing else. */
    private static void closeShared(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "cannot close " + one, e);
        }
    }

    private void awaitTermination(long deadlineNanos) throws InterruptedException {
        for (EventLoopGroup group : foreign.values()) {
            group.awaitTermination(deadlineNanos);
        }
        for (EventLoop loop : loops) {
            loop.awaitTermination(Duration.ofNanos(deadlineNanos - System.nanoTime()));
        }
    }

    @Override
    public String toString() {
        return name + "[" + loops.size() + " loops, " + config.idle() + "]";
    }

    record Config(
            IdleStrategy idle,
            BufferPool buffers,
            int tasksPerTurn,
            int taskQueueCapacity,
            LongSupplier nanoClock,
            SelectorProvider selectorProvider) {
        Config withSelectorProvider(SelectorProvider provider) {
            return new Config(idle, buffers, tasksPerTurn, taskQueueCapacity, nanoClock, provider);
        }
    }

    /** Collects the settings of a group. Not thread-safe. */
    public static final class Builder {
        private int loops = Runtime.getRuntime().availableProcessors();
        private String name = "sluice-" + GROUPS.incrementAndGet();
        private IdleStrategy idle = IdleStrategy.adaptive();
        private BufferPool buffers = BufferPool.builder().build();
        private int tasksPerTurn = 256;
        private int taskQueueCapacity = 1 << 20;
        private LongSupplier nanoClock = System::nanoTime;

        private Builder() {}

        /** Sets how many loops, at least 1. Default: one per processor. */
        public Builder loops(int count) {
            loops = positive(count, "loops");
            return this;
        }

        /** Sets what the threads are named after. */
        public Builder name(String prefix) {
            name = Objects.requireNonNull(prefix, "name");
            return this;
        }

        /** Sets what loops do when idle. Default: {@link IdleStrategy#adaptive()}. */
        public Builder idle(IdleStrategy strategy) {
            idle = Objects.requireNonNull(strategy, "idle");
            return this;
        }

        /** Sets the buffer pool. Default: one of its own. */
        public Builder buffers(BufferPool pool) {
            buffers = Objects.requireNonNull(pool, "buffers");
            return this;
        }

        /** Sets how many tasks run before channels get their turn again, at least 1. Default: 256. */
        public Builder tasksPerTurn(int count) {
            tasksPerTurn = positive(count, "tasksPerTurn");
            return this;
        }

        /** Sets how many tasks may wait for a loop, at least 2048. Default: 1 Mi. {@link EventLoop#execute} refuses more. */
        public Builder taskQueueCapacity(int count) {
            if (count < 2048) {
                throw new IllegalArgumentException("taskQueueCapacity must be at least 2048, is " + count);
            }
            taskQueueCapacity = count;
            return this;
        }

        /**
         * Sets the source of time, for tests. Default: {@link System#nanoTime()}. Never goes backwards. While it stands still a look for
         * input does not end, so use {@link IdleStrategy#block()} with one that does.
         */
        public Builder nanoClock(LongSupplier clock) {
            nanoClock = Objects.requireNonNull(clock, "nanoClock");
            return this;
        }

        /** Creates the group and starts its threads. */
        public EventLoopGroup build() {
            SelectorProvider provider = SelectorProvider.provider();
            Config config = new Config(idle, buffers, tasksPerTurn, taskQueueCapacity, nanoClock, provider);
            return new EventLoopGroup(config, name, loops);
        }

        private static int positive(int value, String setting) {
            if (value < 1) {
                throw new IllegalArgumentException(setting + " must be at least 1, is " + value);
            }
            return value;
        }
    }
}
