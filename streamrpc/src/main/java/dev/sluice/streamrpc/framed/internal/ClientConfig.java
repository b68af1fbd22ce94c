package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.framed.FramedLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The settings of a client. Immutable.
 *
 * @param endpoint where the server is
 * @param group whose loops carry the connections
 * @param extended whether the extensions are spoken
 * @param executor where octets are written while the answer is awaited
 * @param limits of messages
 * @param keepAlive how long a server may be silent
 * @param connectTimeout for dialling
 * @param callTimeout until the answer is there, but for its octets; empty for none
 */
public record ClientConfig(
        Endpoint endpoint,
        EventLoopGroup group,
        boolean extended,
        Executor executor,
        FramedLimits limits,
        KeepAliveConfig keepAlive,
        Duration connectTimeout,
        Optional<Duration> callTimeout) {}
