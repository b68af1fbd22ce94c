package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import picocli.CommandLine;

/** Reads an address on the command line. */
final class EndpointConverter implements CommandLine.ITypeConverter<Endpoint> {
    @Override
    public Endpoint convert(String text) {
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(e.getMessage());
        }
    }
}
