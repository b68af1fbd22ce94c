package dev.sluice.cli.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Prometheus's text format over HTTP, at {@code /metrics}, for whoever scrapes it. Thread-safe. */
final class MetricsEndpoint implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    /** A scraper that reads slowly must not keep another one waiting. */
    private static final int THREADS = 2;

    private static final int BACKLOG = 16;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final long NO_BODY = -1;

    private final HttpServer http;
    private final ExecutorService threads;
    private final Supplier<String> scrape;

    private MetricsEndpoint(HttpServer http, Supplier<String> scrape) {
        this.http = http;
        this.scrape = scrape;
        this.threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "sluice-metrics");
            thread.setDaemon(true);
            return thread;
        });
        http.setExecutor(threads);
        http.createContext("/", this::answer);
    }

    /**
     * Begins to listen.
     *
     * @param address of TCP; without a host, all addresses
     * @throws TransportException if it cannot
     */
    static MetricsEndpoint open(Endpoint address, Supplier<String> scrape) throws TransportException {
        InetSocketAddress socket = address.host().isEmpty()
                ? new InetSocketAddress(address.port())
                : new InetSocketAddress(address.host(), address.port());
        try {
            MetricsEndpoint endpoint = new MetricsEndpoint(HttpServer.create(socket, BACKLOG), scrape);
            endpoint.http.start();
            return endpoint;
        } catch (IOException e) {
            TransportException failure = TransportException.of("listen for metrics on " + address, e);
            throw new TransportException(
                    failure.reason(), failure.getMessage() + "; choose another address by --metrics", e);
        }
    }

    /** Returns where to scrape. */
    String url() {
        InetSocketAddress bound = http.getAddress();
        String host = bound.getAddress().getHostAddress();
        return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + bound.getPort() + PATH;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                exchange.sendResponseHeaders(NOT_FOUND, NO_BODY);
            } else if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(METHOD_NOT_ALLOWED, NO_BODY);
            } else {
                byte[] body = scrape.get().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
                exchange.sendResponseHeaders(OK, head ? NO_BODY : body.length);
                if (!head) {
                    exchange.getResponseBody().write(body);
                }
            }
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
