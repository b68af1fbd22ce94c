package dev.sluice.cli.files;

import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * The answers of the file service to what it does not do, with the codes that {@code files.proto} promises. The texts name files as
 * the client named them, never where they lie on the server.
 */
final class Refusal {
    private Refusal() {}

    static StatusException invalid(String path, String why) {
        return Status.INVALID_ARGUMENT
                .withDescription("not a path within the root: '" + path + "': " + why)
                .asException();
    }

    /** Refuses any other root than the one that there is. */
    static void requireDefaultRoot(String storageName) throws StatusException {
        if (!storageName.isEmpty()) {
            throw Status.NOT_FOUND
                    .withDescription("no such root: '" + storageName + "'; this server has the default root only: leave"
                            + " storage_name empty")
                    .asException();
        }
    }

    static StatusException notFound(String path) {
        return Status.NOT_FOUND.withDescription("no such file: '" + path + "'").asException();
    }

    static StatusException noDirectory(String path) {
        return Status.NOT_FOUND
                .withDescription("no directory to hold '" + path + "': make it first")
                .asException();
    }

    static StatusException notRegular(String path, boolean directory) {
        String what = directory ? "a directory" : "a FIFO, socket or device";
        return Status.FAILED_PRECONDITION
                .withDescription("not a regular file: '" + path + "' is " + what)
                .asException();
    }

    static StatusException exists(String path) {
        return Status.ALREADY_EXISTS
                .withDescription("a file is there already: '" + path + "'")
                .asException();
    }

    static StatusException leavesRoot(String path) {
        return Status.PERMISSION_DENIED
                .withDescription("a symbolic link on the way to '" + path + "' leads out of the root")
                .asException();
    }

    static StatusException tooManyLinks(String path) {
        return Status.FAILED_PRECONDITION
                .withDescription("too many symbolic links on the way to '" + path + "'")
                .asException();
    }

    static StatusException changed(String path) {
        return Status.ABORTED
                .withDescription("'" + path + "' was replaced while it was being opened: try again")
                .asException();
    }

    static StatusException noRoom(long wantedBytes, long usableBytes) {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("the server has no room for " + wantedBytes + " bytes: " + usableBytes + " are free")
                .asException();
    }

    /** What the file system said no to. */
    static StatusException of(String path, IOException failure) {
        if (failure instanceof NoSuchFileException || failure instanceof NotDirectoryException) {
            return notFound(path);
        }
        Status status = failure instanceof AccessDeniedException
                ? Status.PERMISSION_DENIED.withDescription("the server may not open '" + path + "'")
                : Status.INTERNAL.withDescription("the server cannot open '" + path + "': " + reasonOf(failure));
        return status.withCause(failure).asException();
    }

    /** Returns what the file system said, without the place it said it of. */
    static String reasonOf(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        String reason = failure instanceof FileSystemException known ? known.getReason() : failure.getMessage();
        return reason == null ? failure.getClass().getSimpleName() : reason;
    }
}
