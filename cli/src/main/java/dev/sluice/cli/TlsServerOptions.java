package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.KeyMaterialException;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsServerBuilder;
import dev.sluice.tls.Trust;
import dev.sluice.tls.WatchedIdentities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a server has TLS at the addresses that begin with {@code tls}. */
final class TlsServerOptions {
    /** Clients of gRPC insist on ALPN. */
    private static final String HTTP2 = "h2";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @ArgGroup(validate = false, heading = "%nFor addresses that begin with tls:%n")
    private Given given = new Given();

    /** The options, under a heading of their own. */
    private static final class Given {
        @Option(
                names = "--cert",
                paramLabel = "FILE",
                description =
                        "The certificate (PEM), followed by those that lead from it to its authority. The file and"
                                + " that of --key are read again when they change. Default: a certificate made for this run.")
        private Optional<Path> certificate = Optional.empty();

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description = "The certificate's private key (PEM), not encrypted.")
        private Optional<Path> key = Optional.empty();

        @Option(
                names = "--self-signed-out",
                paramLabel = "FILE",
                description = "Where to write the certificate made for this run, so that clients can trust it with"
                        + " --ca FILE. Its key is written nowhere.")
        private Optional<Path> selfSignedOut = Optional.empty();

        @Option(
                names = "--client-ca",
                paramLabel = "FILE",
                description = "Let in only clients with a certificate of the authorities in this file (PEM).")
        private Optional<Path> clientAuthorities = Optional.empty();

        @Option(
                names = "--tls-optional",
                description = "Let clients without TLS in, too: the first byte tells them apart.")
        private boolean tlsOptional;

        /** Returns the names of the options that are given. */
        List<String> names() {
            List<String> names = new ArrayList<>();
            certificate.ifPresent(given -> names.add("--cert"));
            key.ifPresent(given -> names.add("--key"));
            selfSignedOut.ifPresent(given -> names.add("--self-signed-out"));
            clientAuthorities.ifPresent(given -> names.add("--client-ca"));
            if (tlsOptional) {
                names.add("--tls-optional");
            }
            return names;
        }
    }

    /**
     * Loads what the options name.
     *
     * @param addresses as given on the command line
     */
    ServerTls open(List<Endpoint> addresses) throws IOException, CommandFailure {
        List<Endpoint> secured = addresses.stream().filter(TlsAddress::isTls).toList();
        requireSense(!secured.isEmpty());
        if (secured.isEmpty()) {
            return ServerTls.none(addresses);
        }
        Optional<KeyFiles> files = KeyFiles.of(given.certificate, given.key, command);
        Optional<Trust> clients = clientTrust();
        if (files.isEmpty()) {
            SelfSigned made = SelfSigned.create(secured, given.selfSignedOut);
            return ServerTls.over(addresses, tls(Identities.of(made.identity()), clients), made.notice(), () -> {});
        }
        WatchedIdentities watched = watch(files.get());
        return ServerTls.over(addresses, tls(watched, clients), List.of(), watched::close);
    }

    private void requireSense(boolean anyAddress) {
        if (!anyAddress && !given.names().isEmpty()) {
            throw usage(given.names().get(0) + " is for addresses that begin with tls, and --listen names none, as in"
                    + " --listen tls://127.0.0.1:8076");
        }
        if (given.selfSignedOut.isPresent() && given.certificate.isPresent()) {
            throw usage("--self-signed-out is for a certificate made for this run, but --cert gives one");
        }
        if (given.tlsOptional && given.clientAuthorities.isPresent()) {
            throw usage("--tls-optional lets clients in without any certificate, so --client-ca would keep nobody out;"
                    + " give one of the two");
        }
    }

    private ParameterException usage(String text) {
        return new ParameterException(command.commandLine(), text);
    }

    private Optional<Trust> clientTrust() throws IOException {
        return given.clientAuthorities.isPresent()
                ? Optional.of(Trust.pem(given.clientAuthorities.get()))
                : Optional.empty();
    }

    private static WatchedIdentities watch(KeyFiles files) throws IOException, CommandFailure {
        try {
            return WatchedIdentities.of(files.source());
        } catch (KeyMaterialException e) {
            throw files.failure(e);
        }
    }

    private Tls tls(Identities identities, Optional<Trust> clients) {
        TlsServerBuilder builder = Tls.serverBuilder(identities).applicationProtocols(HTTP2);
        clients.ifPresent(trust -> builder.clientCertificates(ClientAuth.REQUIRED, trust));
        return given.tlsOptional ? builder.optional().build() : builder.build();
    }
}
