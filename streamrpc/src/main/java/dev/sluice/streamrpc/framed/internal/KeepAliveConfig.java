package dev.sluice.streamrpc.framed.internal;

import java.time.Duration;

/**
 * How long a peer may be silent. Immutable.
 *
 * @param idleTimeout zero for ever
 * @param setting that changes it, for texts
 */
public record KeepAliveConfig(Duration idleTimeout, String setting) {}
