package dev.sluice.tls.internal;

import dev.sluice.nio.TransportException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;

/**
 * What a handshake needs to begin.
 *
 * @param engines makes an engine with all its parameters set
 * @param nets where the engine wants ciphertext to lie
 * @param taskExecutor runs the engine's slow work
 * @param metrics counts what comes of it
 */
public record EngineSetup(Engines engines, NetworkBuffers nets, Executor taskExecutor, TlsMetrics metrics) {
    /** Makes engines. */
    public interface Engines {
        /** Returns a new engine, or says why there can be none. */
        SSLEngine newEngine() throws TransportException;
    }

    SSLEngine newEngine() throws TransportException {
        return engines.newEngine();
    }
}
