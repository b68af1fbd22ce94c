package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.grpc.SidechannelCallback;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** The sidechannels for which no server has come yet, by their numbers. Thread-safe. */
public final class Registrations {
    private final Executor executor;
    private final Duration limit;
    private final AtomicLong nextId = new AtomicLong();
    private final ConcurrentMap<Long, Registration> waiting = new ConcurrentHashMap<>();

    /** @param executor runs the callbacks, which block */
    public Registrations(Executor executor) {
        this(executor, Opening.LIMIT);
    }

    Registrations(Executor executor, Duration limit) {
        this.executor = executor;
        this.limit = limit;
    }

    /** Returns what runs the callbacks. */
    public Executor executor() {
        return executor;
    }

    /** Adds one, with a number that no other has had. */
    public Registration add(SidechannelCallback callback) {
        Registration added = new Registration(this, nextId.getAndIncrement(), callback, limit);
        waiting.put(added.id(), added);
        return added;
    }

    /** Takes one out; each can be taken once. */
    Optional<Registration> take(long id) {
        return Optional.ofNullable(waiting.remove(id));
    }

    /** Returns how many there are. */
    public int size() {
        return waiting.size();
    }
}
