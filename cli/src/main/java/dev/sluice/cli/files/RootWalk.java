package dev.sluice.cli.files;

import io.grpc.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * One resolution of a path below a root, name by name from open directory to open directory. Symbolic links are read and
 * resolved here, by the same rules, instead of by the kernel: so there is no moment between a check and a use in which
 * somebody could lead the way out of the root. One thread.
 */
final class RootWalk implements AutoCloseable {
    /** As the kernel's. */
    private static final int MAX_LINKS = 40;

    private final Path root;
    private final String asked;
    private final Deque<Path> pending;
    /** Directories between the root and the current one. No links among them. */
    private final List<Path> entered = new ArrayList<>();

    private Directory current;
    private int links;

    /** @param root a real path */
    RootWalk(Path root, String asked) throws StatusException, IOException {
        this.root = root;
        this.asked = asked;
        this.pending = new ArrayDeque<>(RootedPath.parse(asked));
        this.current = Directory.open(root);
    }

    /**
     * Where a path ends.
     *
     * @param name the last name, in {@link RootWalk#directory()}; empty if the path ends at that directory itself
     * @param attributes what is there; empty if nothing is
     */
    record End(Path name, Optional<BasicFileAttributes> attributes) {
        boolean isDirectory() {
            return name.toString().isEmpty()
                    || attributes.filter(BasicFileAttributes::isDirectory).isPresent();
        }
    }

    /** Goes the way. Everything but the last name must be there. */
    End walk() throws StatusException, IOException {
        while (!pending.isEmpty()) {
            Path name = pending.removeFirst();
            String text = name.toString();
            if (text.isEmpty() || text.equals(".")) {
                continue;
            }
            if (text.equals("..")) {
                leave();
                continue;
            }
            Optional<BasicFileAttributes> found = look(name);
            if (found.filter(BasicFileAttributes::isSymbolicLink).isPresent()) {
                follow(name);
            } else if (pending.isEmpty()) {
                return new End(name, found);
            } else {
                enter(name, found);
            }
        }
        return new End(Path.of(""), Optional.empty());
    }

    private Optional<BasicFileAttributes> look(Path name) throws IOException {
        try {
            return Optional.of(current.attributes(name));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void enter(Path name, Optional<BasicFileAttributes> found) throws StatusException, IOException {
        // A FIFO must not even be opened as a directory: that would wait for a writer.
        if (found.filter(BasicFileAttributes::isDirectory).isEmpty()) {
            throw Refusal.noDirectory(asked);
        }
        replaceCurrent(current.directory(name));
        entered.add(name);
    }

    private void leave() throws StatusException, IOException {
        if (entered.isEmpty()) {
            throw Refusal.leavesRoot(asked);
        }
        entered.remove(entered.size() - 1);
        backToRoot();
        for (Path name : entered) {
            replaceCurrent(current.directory(name));
        }
    }

    private void backToRoot() throws IOException {
        replaceCurrent(Directory.open(root));
    }

    private void replaceCurrent(Directory next) throws IOException {
        Directory before = current;
        current = next;
        before.close();
    }

    /**
     * Puts the target of a link in front of what is still to go. The link is read by path, as there is no other way in Java:
     * who wins a race gets another text read, which is then resolved within the root like any other.
     */
    private void follow(Path name) throws StatusException, IOException {
        if (++links > MAX_LINKS) {
            throw Refusal.tooManyLinks(asked);
        }
        Path target = Files.readSymbolicLink(current.path().resolve(name));
        Path within = target;
        if (target.isAbsolute()) {
            within = root.relativize(withinRoot(target));
            entered.clear();
            backToRoot();
        }
        for (int i = within.getNameCount() - 1; i >= 0; i--) {
            pending.addFirst(within.getName(i));
        }
    }

    private Path withinRoot(Path target) throws StatusException {
        if (target.startsWith(root)) {
            return target;
        }
        Path real;
        try {
            real = target.toRealPath();
        } catch (IOException e) {
            real = target; // whether there is something outside of the root is not to be told
        }
        if (!real.startsWith(root)) {
            throw Refusal.leavesRoot(asked);
        }
        return real;
    }

    /** Returns the directory reached. It is closed with this walk, unless it was taken. */
    Directory directory() {
        return current;
    }

    /** Returns the directory reached, which is the caller's to close from here on. */
    Directory takeDirectory() {
        Directory taken = current;
        current = new PlainDirectory(root);
        return taken;
    }

    @Override
    public void close() throws IOException {
        current.close();
    }
}
