package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Tls;
import java.util.List;

/**
 * The addresses of a server with their TLS, for as long as it runs. Immutable.
 *
 * @param endpoints what to listen on
 * @param notice lines for the person who started it
 * @param end stops looking at files
 */
record ServerTls(List<Endpoint> endpoints, List<String> notice, Runnable end) implements AutoCloseable {
    static ServerTls none(List<Endpoint> addresses) {
        return new ServerTls(addresses, List.of(), () -> {});
    }

    static ServerTls over(List<Endpoint> addresses, Tls tls, List<String> notice, Runnable end) {
        List<Endpoint> endpoints = addresses.stream()
                .map(address -> TlsAddress.isTls(address) ? address.with(tls) : address)
                .toList();
        return new ServerTls(endpoints, notice, end);
    }

    @Override
    public void close() {
        end.run();
    }
}
