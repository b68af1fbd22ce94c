package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.KeyMaterialException;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a client has TLS to a server whose address begins with {@code tls}. */
final class TlsClientOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @ArgGroup(validate = false, heading = "%nFor an address that begins with tls:%n")
    private Given given = new Given();

    /** The options, under a heading of their own. */
    private static final class Given {
        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description =
                        "Trust the certificates in this file (PEM) and what they issued, and no others. Default: the"
                                + " authorities that Java trusts.")
        private Optional<Path> authorities = Optional.empty();

        @Option(
                names = "--server-name",
                paramLabel = "NAME",
                description = "The name to ask for and to find in the server's certificate. Default: the host in the"
                        + " address; tls+unix has none.")
        private Optional<String> serverName = Optional.empty();

        @Option(
                names = "--cert",
                paramLabel = "FILE",
                description = "A certificate (PEM) to show if the server asks for one.")
        private Optional<Path> certificate = Optional.empty();

        @Option(names = "--key", paramLabel = "FILE", description = "The private key (PEM) of --cert, not encrypted.")
        private Optional<Path> key = Optional.empty();

        @Option(
                names = "--insecure",
                description = "Trust any server, whoever it is: protects nothing. For experiments only.")
        private boolean insecure;

        /** Returns the names of the options that are given. */
        List<String> names() {
            List<String> names = new ArrayList<>();
            authorities.ifPresent(given -> names.add("--ca"));
            serverName.ifPresent(given -> names.add("--server-name"));
            certificate.ifPresent(given -> names.add("--cert"));
            key.ifPresent(given -> names.add("--key"));
            if (insecure) {
                names.add("--insecure");
            }
            return names;
        }
    }

    /**
     * Returns the address with what the options name.
     *
     * @param err where to warn
     */
    Endpoint secure(Endpoint server, PrintStream err) throws IOException, CommandFailure {
        requireSense(server);
        if (!TlsAddress.isTls(server)) {
            return server;
        }
        TlsClientBuilder builder = Tls.clientBuilder();
        given.serverName.ifPresent(builder::serverName);
        if (given.authorities.isPresent()) {
            builder.trust(Trust.pem(given.authorities.get()));
        }
        if (given.insecure) {
            builder.trust(Trust.insecureTrustAnything()).insecureNoHostnameCheck();
            err.println(
                    "sluice: WARNING: --insecure: nobody checks who the server is, so whoever sits in between can read"
                            + " and change everything");
        }
        Optional<KeyFiles> files = KeyFiles.of(given.certificate, given.key, command);
        if (files.isPresent()) {
            builder.identity(Identities.of(load(files.get())));
        }
        return server.with(builder.build());
    }

    private static Identity load(KeyFiles files) throws CommandFailure {
        try {
            return files.source().load();
        } catch (KeyMaterialException e) {
            throw files.failure(e);
        }
    }

    private void requireSense(Endpoint server) {
        if (!TlsAddress.isTls(server)) {
            if (!given.names().isEmpty()) {
                throw usage(given.names().get(0) + " is for addresses that begin with tls, but " + server
                        + " does not: nothing is encrypted there");
            }
            return;
        }
        if (given.insecure && given.authorities.isPresent()) {
            throw usage("--insecure trusts anybody, so --ca would make no difference; give one of the two");
        }
        boolean nameless = server.host().isEmpty() && given.serverName.isEmpty();
        if (nameless && !given.insecure) {
            throw usage(
                    server + " has no host to find in the server's certificate: say with --server-name NAME which one"
                            + " it is for");
        }
        if (given.serverName.filter(String::isEmpty).isPresent()) {
            throw usage("--server-name is empty");
        }
    }

    private ParameterException usage(String text) {
        return new ParameterException(command.commandLine(), text);
    }
}
