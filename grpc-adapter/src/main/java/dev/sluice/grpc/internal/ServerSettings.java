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
    private Executor executor = CallThreads.create();

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
        return super.executor(executor);
    }

    @Override
    public ServerSettings directExecutor() {
        executor = Runnable::run;
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

    /** Prepares the builder for loops that drive the connections; returns what they are to do about silent clients, for gRPC cannot know. */
    public KeepAlive.Settings driveByLoops() {
        builder.executor(LoopTransports.calls(executor)).keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        return new KeepAlive.Settings(keepAliveTime, keepAliveTimeout);
    }
}
