package dev.sluice.nio.internal;

/** The two families of platform sockets, with what was learnt about each while running. */
@SuppressWarnings("ImmutableEnumChecker") // what was learnt changes; the kind does not
enum SocketKind {
    TCP,
    UNIX;

    private final FilePathChooser filePaths = new FilePathChooser();

    /** Which way of sending a file is fastest on sockets of this kind. */
    FilePathChooser filePaths() {
        return filePaths;
    }
}
