package dev.sluice.nio.internal;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file of a Unix socket: made with the wanted mode, in place of one that a dead server left behind, and deleted
 * when the listener closes.
 *
 * <p>The socket is bound under another name next to it and renamed, so that nobody can connect before the mode is set and a
 * stale file is replaced in one step.
 */
final class UnixSocketFile {
    private static final Logger LOG = System.getLogger(UnixSocketFile.class.getName());
    /** Only the own user may connect unless the endpoint says otherwise. */
    private static final int DEFAULT_MODE = 0600;

    private static final int UNNAMED_LETTERS = 8;
    private static final int UNNAMED_ATTEMPTS = 100;
    /** S_IFMT and S_IFSOCK of inode(7). */
    private static final int TYPE_BITS = 0170000;

    private static final int TYPE_SOCKET = 0140000;

    private final Endpoint endpoint;
    private final Path path;
    private final int mode;
    private Object fileKey;

    private UnixSocketFile(Endpoint endpoint, int mode) {
        this.endpoint = endpoint;
        this.path = Path.of(endpoint.name());
        this.mode = mode;
    }

    static UnixSocketFile of(Endpoint endpoint) {
        String text = endpoint.option("mode").orElse(Integer.toOctalString(DEFAULT_MODE));
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(
                    endpoint + ": the option 'mode' takes three octal digits, as in 0660, is '" + text + "'");
        }
        return new UnixSocketFile(endpoint, Integer.parseInt(text, 8));
    }

    void bind(ServerSocketChannel channel, int backlog) throws IOException {
        refuseIfTaken();
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.deleteIfExists(path);
            channel.bind(UnixDomainSocketAddress.of(path), backlog);
            return;
        }
        Path unnamed = bindUnnamed(channel, backlog);
        try {
            Files.setPosixFilePermissions(unnamed, permissions(mode));
            fileKey = attributes(unnamed).fileKey();
            Files.move(unnamed, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(unnamed);
            throw e;
        }
    }

    /** Binds under a random name that is no longer than the path's own, which may be as long as the system allows. */
    private Path bindUnnamed(ServerSocketChannel channel, int backlog) throws IOException {
        int letters = Math.min(UNNAMED_LETTERS, path.getFileName().toString().length());
        for (int attempt = 1; ; attempt++) {
            StringBuilder name = new StringBuilder(letters > 1 ? "." : "");
            while (name.length() < letters) {
                name.append((char) ('a' + ThreadLocalRandom.current().nextInt(26)));
            }
            Path unnamed = path.resolveSibling(name.toString());
            try {
                channel.bind(UnixDomainSocketAddress.of(unnamed), backlog);
                return unnamed;
            } catch (BindException e) {
                boolean taken = Files.exists(unnamed, LinkOption.NOFOLLOW_LINKS);
                if (!taken || attempt == UNNAMED_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * A socket on which nobody answers is stale and may be replaced; anything else at that path may not. Where nothing is, the
     * attempt to connect finds out whether clients can use the path at all: the name it is bound by first may be shorter.
     */
    private void refuseIfTaken() throws IOException {
        refuseIfNoSocket();
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a server whose backlog is full would hold us
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            if (TransportException.of("", e).reason() == Reason.REFUSED) {
                LOG.log(Level.DEBUG, "nobody listens at {0}: nothing is there, or what a server left behind", path);
                return;
            }
            if (!SocketConnector.isBacklogFull(e)) {
                throw e;
            }
        }
        throw new TransportException(
                Reason.ADDRESS_IN_USE,
                "listen on " + endpoint + ": another server listens there; stop it or choose another path");
    }

    private void refuseIfNoSocket() throws IOException {
        try {
            if (!isSocket()) {
                throw new TransportException(
                        Reason.ADDRESS_IN_USE,
                        "listen on " + endpoint
                                + ": a file that is no socket is there; choose another path or move it away");
            }
        } catch (NoSuchFileException e) {
            LOG.log(Level.TRACE, "the path is free", e);
        }
    }

    /** Pipes and devices are neither files nor directories either, and refuse connections as a stale socket does. */
    private boolean isSocket() throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return attributes(path).isOther();
        }
        int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE_BITS;
        return type == TYPE_SOCKET;
    }

    /** Deletes the file, unless somebody put another in its place. */
    void deleteIfOurs() {
        try {
            if (fileKey == null || Objects.equals(attributes(path).fileKey(), fileKey)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the socket file is gone already", e);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHighestBit = PosixFilePermission.values(); // OWNER_READ ... OTHERS_EXECUTE
        for (int bit = 0; bit < fromHighestBit.length; bit++) {
            if ((mode & 0400 >> bit) != 0) {
                permissions.add(fromHighestBit[bit]);
            }
        }
        return permissions;
    }
}
