package dev.sluice.cli.files;

import io.grpc.StatusException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The rules for paths that clients send, as {@code files.proto} has them. */
final class RootedPath {
    private static final int MAX_CHARACTERS = 4096;
    private static final int MAX_NAME_BYTES = 255;

    private RootedPath() {}

    /** Returns the names that a path consists of, at least one. */
    static List<Path> parse(String path) throws StatusException {
        if (path.isEmpty()) {
            throw Refusal.invalid(path, "it is empty");
        }
        if (path.length() > MAX_CHARACTERS) {
            throw Refusal.invalid(path.substring(0, 64) + "...", "it is longer than " + MAX_CHARACTERS + " characters");
        }
        if (path.startsWith("/")) {
            throw Refusal.invalid(path, "it is absolute; name files relative to the root");
        }
        List<Path> names = new ArrayList<>();
        for (String name : path.split("/", -1)) {
            names.add(parseName(path, name));
        }
        return names;
    }

    private static Path parseName(String path, String name) throws StatusException {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw Refusal.invalid(path, "it has a component that is " + (name.isEmpty() ? "empty" : "'" + name + "'"));
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw Refusal.invalid(path, "it has a component of more than " + MAX_NAME_BYTES + " bytes");
        }
        Path parsed;
        try {
            parsed = Path.of(name);
        } catch (InvalidPathException e) {
            throw Refusal.invalid(path, "the server cannot name such a file: " + e.getReason());
        }
        if (parsed.isAbsolute()
                || parsed.getNameCount() != 1
                || !parsed.toString().equals(name)) {
            throw Refusal.invalid(path, "'" + name + "' is not a plain name on the server");
        }
        return parsed;
    }
}
