package dev.sluice.nio.internal;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/** The families of sockets, with what was learnt about each while running. */
@SuppressWarnings("ImmutableEnumChecker") // what was learnt changes; the kind does not
enum SocketKind {
    TCP(FilePath.COPY, FilePath.MAPPED, FilePath.SENDFILE) {
        @Override
        SocketChannel open() throws IOException {
            return SocketChannel.open();
        }

        @Override
        SocketOptions options(Endpoint endpoint) {
            return SocketOptions.tcp(endpoint);
        }
    },
    UNIX(FilePath.MAPPED, FilePath.COPY, FilePath.SENDFILE) {
        @Override
        SocketChannel open() throws IOException {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        }

        @Override
        SocketOptions options(Endpoint endpoint) {
            return SocketOptions.unix(endpoint);
        }
    },
    /** Not of the platform: jnr's, because the JDK cannot name them. */
    UNIX_ABSTRACT(FilePath.COPY) {
        @Override
        SocketChannel open() throws IOException {
            return JnrSockets.open();
        }

        @Override
        SocketOptions options(Endpoint endpoint) {
            return SocketOptions.unixAbstract(endpoint);
        }

        @Override
        boolean isOfPlatform() {
            return false;
        }
    };

    private final FilePathChooser filePaths;

    /** @param filePaths that are to be tried; the first is taken until another was seen to be faster */
    SocketKind(FilePath... filePaths) {
        this.filePaths = FilePathChooser.of(filePaths);
    }

    /** Returns whether the kernel appends what is written to the page that the write before has begun ({@link SendPages}). */
    boolean packsWrites() {
        return this == TCP;
    }

    abstract SocketChannel open() throws IOException;

    abstract SocketOptions options(Endpoint endpoint);

    /** Whether threads may block in the channel, and be woken by closing it. */
    boolean isOfPlatform() {
        return true;
    }

    /** Which way of sending a file is fastest on sockets of this kind. */
    FilePathChooser filePaths() {
        return filePaths;
    }
}
