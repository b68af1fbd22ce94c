package dev.sluice.tls;

import dev.sluice.tls.internal.Fingerprint;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One source of identities under watch: what was loaded of it last, and what is wrong with it now. Not thread-safe: {@link
 * WatchedIdentities} holds its lock.
 *
 * <p>A content's hash tells what changed. Attributes alone would not: a file may be written twice within a tick of its clock, copied
 * with its old time, or be seen through a network file system's cache. The files are small, so hashing them costs nothing.
 */
final class WatchedSource {
    /** What a look at the files found. */
    enum Finding {
        /** Nothing new. */
        SAME,
        /** A new identity. */
        RELOADED,
        /** Something wrong that was not known before. */
        FAILED
    }

    private static final int READ_ATTEMPTS = 3;

    private final IdentitySource source;
    private final Function<List<Path>, List<String>> attributes;
    private Identity identity;
    private String loaded;
    private Optional<ReloadFailure> failure = Optional.empty();

    /** Loads the first identity. */
    WatchedSource(IdentitySource source) throws KeyMaterialException {
        this(source, Fingerprint::ofAttributes);
    }

    /** Loads the first identity, and knows files that are being written by what a function tells of them. */
    WatchedSource(IdentitySource source, Function<List<Path>, List<String>> attributes) throws KeyMaterialException {
        this.source = source;
        this.attributes = attributes;
        List<byte[]> contents = readSettled();
        this.identity = source.parse(contents);
        this.loaded = Fingerprint.ofContents(contents);
    }

    Identity identity() {
        return identity;
    }

    Optional<ReloadFailure> failure() {
        return failure;
    }

    /** Looks at the files, and loads them if they hold something new. */
    Finding check(Instant now) {
        try {
            Finding finding = loadIfNew(readSettled());
            failure = Optional.empty();
            return finding;
        } catch (KeyMaterialException e) {
            return failed(e, now);
        }
    }

    private Finding loadIfNew(List<byte[]> contents) throws KeyMaterialException {
        String fingerprint = Fingerprint.ofContents(contents);
        if (fingerprint.equals(loaded)) {
            return Finding.SAME;
        }
        identity = source.parse(contents);
        loaded = fingerprint;
        return Finding.RELOADED;
    }

    private Finding failed(KeyMaterialException e, Instant now) {
        if (failure.isPresent() && failure.get().cause().getMessage().equals(e.getMessage())) {
            return Finding.SAME;
        }
        failure = Optional.of(new ReloadFailure(e.file(), e, now));
        return Finding.FAILED;
    }

    /**
     * Reads the files when nobody writes them: chain and key belong together, and a symbolic link to their folder may turn
     * between reading the one and the other. What keeps changing is read as it is, and fails as what it is.
     */
    private List<byte[]> readSettled() throws KeyMaterialException {
        List<String> before = attributes.apply(source.files());
        for (int attempt = 1; ; attempt++) {
            List<byte[]> contents = source.read();
            List<String> after = attributes.apply(source.files());
            if (after.equals(before) || attempt == READ_ATTEMPTS) {
                return contents;
            }
            before = after;
        }
    }
}
