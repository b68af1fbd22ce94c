package dev.sluice.tls;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Identities that are read again when their files change, so that certificates are renewed without a restart.
 *
 * <p>The files are looked at every ten seconds ({@link Builder#interval}), and whenever {@link #reload()} says so. Files that are
 * missing, broken, half-written, or do not belong together change nothing: the identity from before stays in use, and the failure is
 * reported once, to the log and to the listener. Each source stands for itself: one that is broken does not hold up the others.
 *
 * <p><b>Threading:</b> thread-safe. Files are read on the scheduler's thread, by default one of its own, and on the thread that
 * calls {@link #reload()}; never by {@link #choose}.
 */
public final class WatchedIdentities implements Identities, AutoCloseable {
    private static final Logger LOG = System.getLogger(WatchedIdentities.class.getName());

    private final Map<String, List<WatchedSource>> byName = new LinkedHashMap<>();
    private final List<WatchedSource> fallback;
    private final List<WatchedSource> sources = new ArrayList<>();
    private final Clock clock;
    private final Consumer<ReloadFailure> onFailure;
    private final AtomicLong reloads = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    /** Held while looking at the files and telling of it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final FilePolling polling;

    private volatile FixedIdentities current;
    private volatile List<ReloadFailure> currentFailures = List.of();
    private volatile Instant lastSuccess;

    private WatchedIdentities(Builder builder) throws IOException {
        clock = builder.clock;
        onFailure = builder.onFailure;
        fallback = watched(builder.fallback);
        for (Map.Entry<String, List<IdentitySource>> entry : builder.byName.entrySet()) {
            byName.put(entry.getKey(), watched(entry.getValue()));
        }
        current = snapshot();
        lastSuccess = clock.instant();
        polling = FilePolling.start(this::reload, builder.interval, builder.scheduler);
    }

    private List<WatchedSource> watched(List<IdentitySource> unwatched) throws IOException {
        List<WatchedSource> list = new ArrayList<>();
        for (IdentitySource source : unwatched) {
            list.add(new WatchedSource(source));
        }
        sources.addAll(list);
        return list;
    }

    /** Loads an identity and watches its files, with the defaults of {@link #builder}. */
    public static WatchedIdentities of(IdentitySource source) throws IOException {
        return builder(source).start();
    }

    /**
     * Returns a builder.
     *
     * @param fallback for clients that ask for no name or an unknown one
     */
    public static Builder builder(IdentitySource fallback) {
        return new Builder(fallback);
    }

    @Override
    public Identity choose(Optional<String> serverName) {
        return current.choose(serverName);
    }

    @Override
    public X509ExtendedKeyManager keyManager() {
        return current.keyManager();
    }

    /** {@inheritDoc} It must not wait for another thread that calls {@link #reload()}. */
    @Override
    public Subscription onChange(Runnable listener) {
        Listener entry = new Listener(listener);
        listeners.add(entry);
        return () -> listeners.remove(entry);
    }

    /** An object of its own for each subscription, so that a listener that is here twice ends once. */
    private static final class Listener {
        private final Runnable action;

        Listener(Runnable action) {
            this.action = action;
        }
    }

    /**
     * Looks at the files now. What changed is in use when this returns, and listeners know.
     *
     * @return what is wrong now, as {@link #currentFailures()}: nothing if all is well
     */
    public List<ReloadFailure> reload() {
        lock.lock();
        try {
            Instant now = clock.instant();
            boolean changed = false;
            for (WatchedSource source : sources) {
                WatchedSource.Finding finding = source.check(now);
                changed |= finding == WatchedSource.Finding.RELOADED;
                if (finding == WatchedSource.Finding.FAILED) {
                    source.failure().ifPresent(this::report);
                }
            }
            publish(changed, now);
            return currentFailures;
        } finally {
            lock.unlock();
        }
    }

    private void publish(boolean changed, Instant now) {
        currentFailures =
                sources.stream().flatMap(source -> source.failure().stream()).toList();
        if (currentFailures.isEmpty()) {
            lastSuccess = now;
        }
        if (changed) {
            current = snapshot();
            reloads.incrementAndGet();
            // Rare, and what operators look for after a renewal.
            LOG.log(Level.INFO, "TLS identities changed: {0}", current);
            listeners.forEach(listener -> call(listener.action, "a listener for changed TLS identities"));
        }
    }

    private void report(ReloadFailure failure) {
        failures.incrementAndGet();
        LOG.log(
                Level.WARNING,
                "{0}; the identity from before stays in use",
                failure.cause().getMessage());
        call(() -> onFailure.accept(failure), "the listener for failures of TLS identities");
    }

    /** One listener's trouble is not the others'. */
    private static void call(Runnable listener, String what) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, what + " failed", e);
        }
    }

    private FixedIdentities snapshot() {
        Map<String, List<Identity>> named = new LinkedHashMap<>();
        byName.forEach((name, list) -> named.put(name, identities(list)));
        return new FixedIdentities(identities(fallback), named);
    }

    private static List<Identity> identities(List<WatchedSource> sources) {
        return sources.stream().map(WatchedSource::identity).toList();
    }

    /** Returns what is wrong with the files since they were looked at last; empty if nothing. */
    public List<ReloadFailure> currentFailures() {
        return currentFailures;
    }

    /** Returns how often something new was put to use; the first time does not count. */
    public long reloads() {
        return reloads.get();
    }

    /** Returns how many failures were reported: what stays wrong in the same way counts once. */
    public long failures() {
        return failures.get();
    }

    /** Returns when the files were last looked at and all was well, changed or not. */
    public Instant lastSuccess() {
        return lastSuccess;
    }

    /** Ends polling. What is loaded stays usable, and {@link #reload()} works. Closing again does nothing. */
    @Override
    public void close() {
        polling.stop();
    }

    @Override
    public String toString() {
        return current.toString();
    }

    /** Collects what to watch, and how. Not thread-safe. */
    public static final class Builder {
        private final List<IdentitySource> fallback = new ArrayList<>();
        private final Map<String, List<IdentitySource>> byName = new LinkedHashMap<>();
        private Duration interval = Duration.ofSeconds(10);
        private Optional<ScheduledExecutorService> scheduler = Optional.empty();
        private Clock clock = Clock.systemUTC();
        private Consumer<ReloadFailure> onFailure = failure -> {};

        private Builder(IdentitySource first) {
            fallback.add(first);
        }

        /** Adds an identity for clients that cannot check the fallback's kind of key: RSA beside ECDSA. */
        public Builder alternative(IdentitySource source) {
            fallback.add(source);
            return this;
        }

        /**
         * Adds an identity for a name, as in {@link Identities#bySni(Identity, Map)}; another for the same name is an alternative
         * with another kind of key.
         */
        public Builder name(String name, IdentitySource source) {
            byName.computeIfAbsent(name, unused -> new ArrayList<>()).add(source);
            return this;
        }

        /**
         * Sets how often to look at the files; default 10 s.
         *
         * @param newInterval zero to look only when {@link WatchedIdentities#reload()} is called
         */
        public Builder interval(Duration newInterval) {
            if (newInterval.isNegative()) {
                throw new IllegalArgumentException("the interval must not be negative, is " + newInterval);
            }
            interval = newInterval;
            return this;
        }

        /** Sets who looks at the files, which may block; default a daemon thread. It is not shut down here. */
        public Builder scheduler(ScheduledExecutorService newScheduler) {
            scheduler = Optional.of(newScheduler);
            return this;
        }

        /** Sets what tells the time of successes and failures; default the system's clock. */
        public Builder clock(Clock newClock) {
            clock = newClock;
            return this;
        }

        /** Sets who is told of each new failure, on the thread that found it; default nobody. The log is told anyway. */
        public Builder onFailure(Consumer<ReloadFailure> listener) {
            onFailure = listener;
            return this;
        }

        /**
         * Loads the identities and begins to watch.
         *
         * @throws KeyMaterialException if one of them cannot be loaded; then nothing is watched
         * @throws IllegalArgumentException if a name is no DNS name or stands twice
         */
        public WatchedIdentities start() throws IOException {
            return new WatchedIdentities(this);
        }
    }
}
