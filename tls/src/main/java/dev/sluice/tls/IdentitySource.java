package dev.sluice.tls;

import dev.sluice.tls.internal.CertificateChain;
import dev.sluice.tls.internal.KeyFormatException;
import dev.sluice.tls.internal.Pkcs12;
import dev.sluice.tls.internal.PrivateKeys;
import dev.sluice.tls.internal.SourceFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files that an {@link Identity} is read from, and how. Nothing is read before it is asked for, and it may be asked for again.
 *
 * <p><b>Threading:</b> immutable. A password is copied and kept for as long as this object lives, never shown.
 */
public final class IdentitySource {
    private static final Logger LOG = System.getLogger(IdentitySource.class.getName());

    private final List<Path> files;
    private final Parser parser;

    private IdentitySource(List<Path> files, Parser parser) {
        this.files = files;
        this.parser = parser;
    }

    /** What makes an identity of the files' contents, which come in the files' order. */
    private interface Parser {
        Identity parse(List<byte[]> contents) throws KeyMaterialException;
    }

    /** Returns a source as {@link Identity#pem(Path, Path)} reads it. */
    public static IdentitySource pem(Path chain, Path key) {
        return pem(chain, key, PrivateKeys::parse);
    }

    /** Returns a source as {@link Identity#pem(Path, Path, char[])} reads it. */
    public static IdentitySource pem(Path chain, Path key, char[] password) {
        char[] copy = password.clone();
        return pem(chain, key, content -> PrivateKeys.parse(content, copy));
    }

    private static IdentitySource pem(Path chain, Path key, KeyParser keyParser) {
        return new IdentitySource(List.of(chain, key), contents -> {
            List<X509Certificate> certificates =
                    named(chain, () -> CertificateChain.ordered(CertificateChain.parse(contents.get(0))));
            PrivateKey privateKey = named(key, () -> keyParser.parse(contents.get(1)));
            return named(key, () -> Identity.checked(privateKey, certificates));
        });
    }

    private interface KeyParser {
        PrivateKey parse(byte[] content) throws KeyFormatException;
    }

    /** Returns a source as {@link Identity#pkcs12(Path, char[])} reads it. */
    public static IdentitySource pkcs12(Path file, char[] password) {
        return pkcs12(file, password.clone(), Optional.empty());
    }

    /** Returns a source as {@link Identity#pkcs12(Path, char[], String)} reads it. */
    public static IdentitySource pkcs12(Path file, char[] password, String alias) {
        return pkcs12(file, password.clone(), Optional.of(alias));
    }

    private static IdentitySource pkcs12(Path file, char[] password, Optional<String> alias) {
        return new IdentitySource(
                List.of(file),
                contents -> named(file, () -> {
                    Pkcs12 entry = Pkcs12.parse(contents.get(0), password, alias);
                    return Identity.checked(entry.privateKey(), CertificateChain.ordered(entry.certificates()));
                }));
    }

    private interface Step<T> {
        T run() throws GeneralSecurityException;
    }

    /** Puts the file's name before what went wrong with it. */
    private static <T> T named(Path file, Step<T> step) throws KeyMaterialException {
        try {
            return step.run();
        } catch (GeneralSecurityException e) {
            throw new KeyMaterialException(file, KeyFormatException.textOf(e), e);
        }
    }

    /** Returns the files: for PEM chain and key, for PKCS#12 the one. */
    public List<Path> files() {
        return files;
    }

    /**
     * Reads the files. A certificate whose time is over or has not come is logged as a warning.
     *
     * @throws KeyMaterialException if a file cannot be read or is not what it should be; the text names it
     */
    public Identity load() throws KeyMaterialException {
        return parse(read());
    }

    /** Returns the contents of the files, in their order. */
    List<byte[]> read() throws KeyMaterialException {
        List<byte[]> contents = new ArrayList<>(files.size());
        for (Path file : files) {
            contents.add(named(file, () -> SourceFile.read(file)));
        }
        return contents;
    }

    /** Makes an identity of what {@link #read} returned. */
    Identity parse(List<byte[]> contents) throws KeyMaterialException {
        Identity identity = parser.parse(contents);
        Instant now = Instant.now();
        if (!identity.isValidAt(now)) {
            LOG.log(
                    Level.WARNING,
                    "{0}: loaded, but peers will refuse the certificate: {1}",
                    files.get(0),
                    identity.describe(now));
        }
        return identity;
    }

    /** Returns the files' names. */
    @Override
    public String toString() {
        return files.stream()
                .distinct()
                .map(Path::toString)
                .reduce((one, other) -> one + " and " + other)
                .orElseThrow();
    }
}
