package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.nio.spi.LayeredListener;
import dev.sluice.nio.spi.TransportProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The transports that are installed, by scheme. */
public final class Transports {
    private static final Map<String, TransportProvider> PROVIDERS = loadProviders();
    private static final Map<String, ConnectionLayer> LAYERS = loadLayers();
    /** How long a layer over an accepted connection has to begin, where no server sets another limit. */
    private static final Duration ACCEPT_LIMIT = Duration.ofSeconds(10);

    private Transports() {}

    private static Map<String, TransportProvider> loadProviders() {
        Map<String, TransportProvider> found = new HashMap<>();
        for (TransportProvider provider :
                ServiceLoader.load(TransportProvider.class, Transports.class.getClassLoader())) {
            provider.schemes().forEach(scheme -> putNew(found, scheme, provider));
        }
        return Map.copyOf(found);
    }

    private static Map<String, ConnectionLayer> loadLayers() {
        Map<String, ConnectionLayer> found = new HashMap<>();
        for (ConnectionLayer layer : ServiceLoader.load(ConnectionLayer.class, Transports.class.getClassLoader())) {
            putNew(found, layer.scheme(), layer);
        }
        return Map.copyOf(found);
    }

    private static <T> void putNew(Map<String, T> found, String scheme, T provider) {
        T other = found.putIfAbsent(scheme, provider);
        if (other != null) {
            throw new IllegalStateException("the scheme " + scheme + " is served twice: by "
                    + other.getClass().getName() + " and "
                    + provider.getClass().getName());
        }
    }

    private static TransportProvider providerOf(Endpoint below) throws TransportException {
        TransportProvider provider = PROVIDERS.get(below.scheme());
        if (provider == null) {
            throw new TransportException(
                    Reason.UNSUPPORTED,
                    below + ": no transport for the scheme '" + below.scheme() + "'; installed are "
                            + new TreeSet<>(PROVIDERS.keySet()));
        }
        return provider;
    }

    /** Returns the installed layer of a scheme. */
    public static ConnectionLayer layerOf(String scheme) throws TransportException {
        ConnectionLayer layer = LAYERS.get(scheme);
        if (layer == null) {
            throw new TransportException(
                    Reason.UNSUPPORTED,
                    "no layer for the scheme '" + scheme + "'; installed are " + new TreeSet<>(LAYERS.keySet())
                            + " (tls is in the artifact sluice-tls)");
        }
        return layer;
    }

    /** Listens by the transport of the endpoint. */
    public static Listener listen(EventLoopGroup group, Endpoint address, Acceptor acceptor, int maxConnections)
            throws TransportException {
        Endpoint endpoint = address.withoutConnectTimeout();
        Optional<ConnectionLayer> layer = endpoint.layer();
        if (layer.isEmpty()) {
            return providerOf(endpoint).listen(group, endpoint, acceptor, maxConnections);
        }
        layer.get().requireAccepting(endpoint);
        Acceptor below = connection -> {
            Timeout limit = limit(connection, connection.loop().deadlineAfter(ACCEPT_LIMIT), endpoint);
            return layer.get().accepting(above -> {
                limit.cancel();
                return acceptor.onAccepted(above);
            });
        };
        return new LayeredListener(
                providerOf(endpoint.below()).listen(group, endpoint.below(), below, maxConnections), layer.get());
    }

    /** Connects by the transport of the endpoint. */
    public static CompletionStage<Connection> connect(
            EventLoop loop, Endpoint address, ConnectionHandler handler, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        CompletableFuture<Connection> result = new CompletableFuture<>();
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, is " + timeout);
        }
        try {
            long deadlineNanos = loop.deadlineAfter(shorter(timeout, address.connectTimeout()));
            Endpoint endpoint = address.withoutConnectTimeout();
            Optional<ConnectionLayer> layer = endpoint.layer();
            if (layer.isEmpty()) {
                providerOf(endpoint).connect(loop, endpoint, handler, deadlineNanos, result);
            } else {
                connectLayered(
                        loop, endpoint, layer.get().connecting(endpoint, handler, result), deadlineNanos, result);
            }
        } catch (TransportException e) {
            result.completeExceptionally(e);
        } catch (IllegalArgumentException e) {
            result.completeExceptionally(new TransportException(Reason.INVALID_ENDPOINT, e.getMessage(), e));
        }
        return result;
    }

    private static Duration shorter(Duration timeout, Optional<Duration> ofTheEndpoint) {
        return ofTheEndpoint.filter(own -> own.compareTo(timeout) < 0).orElse(timeout);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both callbacks only pass on
    private static void connectLayered(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler first,
            long deadlineNanos,
            CompletableFuture<Connection> result)
            throws TransportException {
        CompletableFuture<Connection> below = new CompletableFuture<>();
        // Before it can be complete, so that what follows runs on the loop.
        below.whenComplete((connection, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else if (!result.isDone()) {
                Timeout limit = limit(connection, deadlineNanos, endpoint);
                result.whenComplete((above, failed) -> connection.loop().post(limit::cancel));
            }
        });
        providerOf(endpoint.below()).connect(loop, endpoint.below(), first, deadlineNanos, below);
    }

    private static Timeout limit(Connection connection, long deadlineNanos, Endpoint endpoint) {
        return connection
                .loop()
                .scheduleAt(
                        deadlineNanos,
                        () -> connection.abort(new TransportException(
                                Reason.TIMEOUT, connection + ": no handshake in time with " + endpoint)));
    }
}
