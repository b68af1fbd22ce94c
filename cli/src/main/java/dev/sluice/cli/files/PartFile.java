package dev.sluice.cli.files;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that is being received. It lies beside its place as {@code .name.random.part} and gets its name in one step when it is
 * complete; closed before that, it is deleted. One thread.
 */
final class PartFile implements WritableByteChannel {
    private static final Logger LOG = System.getLogger(PartFile.class.getName());
    /** Of the name, in the part's name: that must not become longer than file systems allow (255 bytes). */
    private static final int MAX_NAME_CHARACTERS = 60;

    private static final int ATTEMPTS = 100;
    /** Of two parts of one process that must not replace anything, one comes first. */
    private static final Lock RENAMING = new ReentrantLock();

    private final Directory directory;
    private final Path name;
    private final Path partName;
    private final FileChannel channel;
    private final boolean overwrite;
    private boolean committed;

    private PartFile(Directory directory, Path name, Path partName, FileChannel channel, boolean overwrite) {
        this.directory = directory;
        this.name = name;
        this.partName = partName;
        this.channel = channel;
        this.overwrite = overwrite;
    }

    /** Creates the part. The directory is the part's from here on, on failure too. */
    static PartFile create(Directory directory, Path name, boolean overwrite) throws IOException {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Path partName = partNameOf(name);
                try {
                    FileChannel channel =
                            directory.open(partName, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
                    return new PartFile(directory, name, partName, channel, overwrite);
                } catch (FileAlreadyExistsException e) {
                    LOG.log(Level.DEBUG, "{0} is taken", partName);
                }
            }
            throw new IOException("no free name for a temporary file beside '" + name + "'");
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static Path partNameOf(Path name) {
        String text = name.toString();
        int end = text.offsetByCodePoints(0, Math.min(MAX_NAME_CHARACTERS, text.codePointCount(0, text.length())));
        int random = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        return Path.of("." + text.substring(0, end) + "." + Integer.toString(random, 36) + ".part");
    }

    /** Writes all of {@code bytes}. */
    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return count;
    }

    /**
     * Gives the file its name.
     *
     * @param durable whether content and name are on the disk when this returns
     * @throws FileAlreadyExistsException if another is there by now which must not be replaced
     */
    void commit(boolean durable) throws IOException {
        if (durable) {
            channel.force(true);
        }
        channel.close();
        RENAMING.lock();
        try {
            if (!overwrite && exists()) {
                throw new FileAlreadyExistsException(name.toString(), null, "a file is there already");
            }
            directory.rename(partName, name);
        } finally {
            RENAMING.unlock();
        }
        committed = true;
        if (durable) {
            directory.sync();
        }
    }

    private boolean exists() throws IOException {
        try {
            directory.attributes(name);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Deletes the part, which is not to be completed. */
    void discard() throws IOException {
        close();
    }

    /** Deletes the part, unless it has got its name. Idempotent. */
    @Override
    public void close() throws IOException {
        try (directory) {
            channel.close();
            if (!committed) {
                committed = true;
                directory.delete(partName);
            }
        }
    }
}
