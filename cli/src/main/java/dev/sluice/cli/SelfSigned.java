package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An identity made for one run of a server, and how clients come to trust it. Immutable.
 *
 * @param names what the certificate is for, as a person writes it
 * @param file where the certificate was written
 */
record SelfSigned(Identity identity, Set<String> names, Optional<Path> file) {
    private static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1", "::1");
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";
    private static final int LINE_CHARACTERS = 64;

    /**
     * Makes an identity for the hosts of some addresses and for this machine's local names.
     *
     * @param file where to write the certificate
     */
    static SelfSigned create(List<Endpoint> addresses, Optional<Path> file) throws IOException, CommandFailure {
        Set<String> names = new LinkedHashSet<>(LOCAL_NAMES);
        addresses.stream().map(Endpoint::host).filter(host -> !host.isEmpty()).forEach(names::add);
        Identity identity;
        try {
            identity = Identity.selfSigned(names.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("no certificate can be made: " + e.getMessage() + "; give --cert and --key", e);
        }
        SelfSigned made = new SelfSigned(identity, names, file);
        if (file.isPresent()) {
            made.write(file.get());
        }
        return made;
    }

    /** Replaces a certificate of an earlier run, but nothing else: a key that stands there must not be lost. */
    private void write(Path target) throws IOException, CommandFailure {
        if (Files.exists(target)
                && !Files.readString(target, StandardCharsets.ISO_8859_1).startsWith(BEGIN)) {
            throw new CommandFailure("--self-signed-out " + target + ": there is a file that is no certificate");
        }
        Files.writeString(target, pem());
    }

    private String pem() {
        Base64.Encoder encoder = Base64.getMimeEncoder(LINE_CHARACTERS, new byte[] {'\n'});
        return BEGIN + "\n" + encoder.encodeToString(encoded()) + "\n" + END + "\n";
    }

    private byte[] encoded() {
        try {
            return identity.certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was just made cannot be encoded", e);
        }
    }

    /** Returns the fingerprint as {@code openssl x509 -fingerprint -sha256} shows it. */
    String fingerprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(encoded());
            return HexFormat.ofDelimiter(":").formatHex(hash).toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Returns what to tell the person who started the server. */
    List<String> notice() {
        String trust = file.map(written -> "clients trust it with --ca " + written)
                .orElse("clients can trust it if --self-signed-out FILE writes it, with --ca FILE; else they need"
                        + " --insecure");
        return List.of(
                "made a certificate for this run, as no --cert is given, for " + String.join(", ", names),
                "its SHA-256 fingerprint is " + fingerprint(),
                trust);
    }
}
