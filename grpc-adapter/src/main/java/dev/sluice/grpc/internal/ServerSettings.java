package dev.sluice.grpc.internal;

import io.grpc.ForwardingServerBuilder;
import io.grpc.ServerBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** gRPC's builder as the user sees it; remembers the settings that are carried out here. Not thread-safe. */
public final class ServerSettings extends ForwardingServerBuilder<ServerSettings> {
    private static final Duration KEEP_ALIVE_TIME = Duration.ofHours(2);
    private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(20);

    private final OkHttpServerBuilder builder;
    private Duration keepAliveTime = KEEP_ALIVE_TIME;
    private Duration keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
    private boolean executorSet;

    /** Wraps {@code builder}. */
    public ServerSettings(OkHttpServerBuilder builder) {
        this.builder = builder;
    }

    @Override
    protected ServerBuilder<?> delegate() {
        return builder;
    }

    @Override
    public ServerSettings executor(Executor executor) {
        executorSet = executor != null;
        return super.executor(executor);
    }

    @Override
    public ServerSettings directExecutor() {
        executorSet = true;
        return super.directExecutor();
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

    /** Returns whether the user has said who runs the methods. */
    public boolean isExecutorSet() {
        return executorSet;
    }

    /** Takes keep-alive over from gRPC, which would not hear of what comes in. */
    public KeepAlive.Settings takeOverKeepAlive() {
        builder.keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        return new KeepAlive.Settings(keepAliveTime, keepAliveTimeout);
    }
}
