package dev.sluice.cli;

import dev.sluice.tls.IdentitySource;
import dev.sluice.tls.KeyMaterialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What {@code --cert} and {@code --key} name. Immutable.
 *
 * @param certificate PEM, may be the same file as the key
 * @param key PEM
 */
record KeyFiles(Path certificate, Path key) {
    private static final String ENCRYPTED = "ENCRYPTED";

    /** Returns the two files, or empty if neither is given; one alone is wrong usage. */
    static Optional<KeyFiles> of(Optional<Path> certificate, Optional<Path> key, CommandSpec command) {
        if (certificate.isPresent() != key.isPresent()) {
            String given = certificate.isPresent() ? "--cert" : "--key";
            String missing = certificate.isPresent() ? "--key" : "--cert";
            throw new ParameterException(
                    command.commandLine(),
                    given + " needs " + missing + " beside it; both may name the same file, if it holds both");
        }
        return certificate.map(file -> new KeyFiles(file, key.orElseThrow()));
    }

    IdentitySource source() {
        return IdentitySource.pem(certificate, key);
    }

    /** Returns the failure for the person who gave the files; its text begins with the one that is wrong. */
    CommandFailure failure(KeyMaterialException why) {
        String hint = why.file().equals(key) && isEncrypted()
                ? "; this command takes keys without a password only: openssl pkey -in " + key + " -out FILE makes one"
                : "";
        return new CommandFailure(why.getMessage() + hint, why);
    }

    private boolean isEncrypted() {
        try {
            return Files.readString(key, StandardCharsets.ISO_8859_1).contains(ENCRYPTED);
        } catch (IOException e) {
            return false; // the failure itself says why
        }
    }
}
