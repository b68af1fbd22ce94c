package dev.sluice.grpc.internal;

import io.grpc.ForwardingServerBuilder;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** gRPC's builder as the user sees it; remembers the settings that are carried out here. Not thread-safe. */
public final class ServerSettings extends ForwardingServerBuilder<ServerSettings> {
    private static final Duration KEEP_ALIVE_TIME = Duration.ofHours(2);
    private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(20);

    private final OkHttpServerBuilder builder;
    private Duration keepAliveTime = KEEP_ALIVE_TIME;
    private Duration keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
    private Executor executor = CallThreads.create();
    private boolean direct;
    private Optional<ServerCallExecutorSupplier> executorsOfCalls = Optional.empty();

    /** Wraps {@code builder}, and sets the defaults. */
    public ServerSettings(OkHttpServerBuilder builder) {
        this.builder = builder.executor(executor);
    }

    @Override
    protected ServerBuilder<?> delegate() {
        return builder;
    }

    /** {@code null} stands for the default, as with gRPC. */
    @Override
    public ServerSettings executor(Executor value) {
        executor = value == null ? CallThreads.create() : value;
        direct = isDirect(executor);
        return super.executor(executor);
    }

    private static boolean isDirect(Executor executor) {
        Thread here = Thread.currentThread();
        AtomicBoolean ranHere = new AtomicBoolean();
        try {
            executor.execute(() -> ranHere.compareAndSet(false, Thread.currentThread() == here));
        } catch (RejectedExecutionException e) {
            return false;
        }
        return ranHere.get();
    }

    @Override
    public ServerSettings directExecutor() {
        executor = Runnable::run;
        direct = true;
        return super.directExecutor();
    }

    @Override
    public ServerSettings callExecutor(ServerCallExecutorSupplier supplier) {
        executorsOfCalls = Optional.of(supplier);
        return super.callExecutor(supplier);
    }

    @Override
    public ServerSettings keepAliveTime(long time, TimeUnit unit) {
        super.keepAliveTime(time, unit); // checks it
        keepAliveTime = Duration.ofNanos(unit.toNanos(time));
        return this;
    }

    @Override
    public ServerSettings keepAliveTimeout(long timeout, TimeUnit unit) {
        super.keepAliveTimeout(timeout, unit);
        keepAliveTimeout = Duration.ofNanos(unit.toNanos(timeout));
        return this;
    }

    /** Returns what is to be done about silent clients. */
    public KeepAlive.Settings keepAlive() {
        return new KeepAlive.Settings(keepAliveTime, keepAliveTimeout);
    }

    /** Has calls go through {@code driver}, and leaves keep-alive to it: gRPC would not hear of what comes in. */
    public void driveBy(LoopDriver driver) {
        builder.executor(driver.calls(executor, direct)).keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        executorsOfCalls.ifPresent(supplier -> builder.callExecutor(new DrivenSupplier(driver, supplier)));
    }

    /** For calls that have executors of their own, which may be direct. */
    private record DrivenSupplier(LoopDriver driver, ServerCallExecutorSupplier supplier)
            implements ServerCallExecutorSupplier {
        @Override
        public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
            Executor executor = supplier.getExecutor(call, headers);
            return executor == null ? null : driver.calls(executor, true);
        }
    }
}
