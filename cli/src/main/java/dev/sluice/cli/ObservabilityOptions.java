package dev.sluice.cli;

import dev.sluice.cli.serve.Observability;
import dev.sluice.nio.Endpoint;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that let an operator look at a server. */
final class ObservabilityOptions {
    private static final String DEFAULT_METRICS = "tcp://127.0.0.1:9090";

    @Option(
            names = "--metrics",
            paramLabel = "URI",
            arity = "0..1",
            fallbackValue = DEFAULT_METRICS,
            converter = MetricsAddress.class,
            description = {
                "Tell Prometheus how the server does: at http://HOST:PORT/metrics of this tcp:// address. Anybody who can connect"
                        + " to it may read that.",
                "Default, if no address is given: ${FALLBACK-VALUE}."
            })
    private Endpoint metrics;

    @Option(
            names = "--access-log",
            description = "Write a line for each call to standard error: who called what, and how it ended.")
    private boolean accessLog;

    Observability observability() {
        return new Observability(Optional.ofNullable(metrics), accessLog);
    }

    /** An address that HTTP can have. */
    static final class MetricsAddress implements CommandLine.ITypeConverter<Endpoint> {
        private final EndpointConverter endpoints = new EndpointConverter();

        @Override
        public Endpoint convert(String text) {
            Endpoint address = endpoints.convert(text);
            if (!address.scheme().equals("tcp")) {
                throw new CommandLine.TypeConversionException(
                        "metrics are told at an address of tcp:// only, as " + DEFAULT_METRICS + ", not at " + address);
            }
            return address;
        }
    }
}
