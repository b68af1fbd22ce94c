package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The settings of a client. Immutable.
 *
 * @param endpoint where the server is
 * @param group whose loops carry the connections
 * @param handshakeTimeout for dialling, request and answer together
 * @param executor where users' callbacks run
 * @param intercepted whether there are users' callbacks at all: without, a call needs no other thread than its loop
 */
public record ClientConfig(
        Endpoint endpoint, EventLoopGroup group, Duration handshakeTimeout, Executor executor, boolean intercepted) {}
