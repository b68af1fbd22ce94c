package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.TransportProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The transports that are installed, by scheme. */
public final class Transports {
    private static final Map<String, TransportProvider> PROVIDERS = load();

    private Transports() {}

    private static Map<String, TransportProvider> load() {
        Map<String, TransportProvider> found = new HashMap<>();
        for (TransportProvider provider :
                ServiceLoader.load(TransportProvider.class, Transports.class.getClassLoader())) {
            for (String scheme : provider.schemes()) {
                TransportProvider other = found.putIfAbsent(scheme, provider);
                if (other != null) {
                    throw new IllegalStateException("two transports serve " + scheme + ": "
                            + other.getClass().getName() + " and "
                            + provider.getClass().getName());
                }
            }
        }
        return Map.copyOf(found);
    }

    /** Returns the transport of an endpoint. */
    public static TransportProvider providerOf(Endpoint endpoint) throws TransportException {
        TransportProvider provider = PROVIDERS.get(endpoint.scheme());
        if (provider == null) {
            throw new TransportException(
                    Reason.UNSUPPORTED,
                    endpoint + ": no transport for the scheme '" + endpoint.scheme() + "'; installed are "
                            + new TreeSet<>(PROVIDERS.keySet()));
        }
        return provider;
    }

    /** Connects by the transport of the endpoint. */
    public static CompletionStage<Connection> connect(
            EventLoop loop, Endpoint endpoint, ConnectionHandler handler, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        CompletableFuture<Connection> result = new CompletableFuture<>();
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, is " + timeout);
        }
        try {
            providerOf(endpoint).connect(loop, endpoint, handler, loop.deadlineAfter(timeout), result);
        } catch (TransportException e) {
            result.completeExceptionally(e);
        } catch (IllegalArgumentException e) {
            result.completeExceptionally(new TransportException(Reason.INVALID_ENDPOINT, e.getMessage(), e));
        }
        return result;
    }
}
