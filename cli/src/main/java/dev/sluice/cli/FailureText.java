package dev.sluice.cli;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.StreamRpcException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** One line for a person, of any failure. */
final class FailureText {
    private FailureText() {}

    static String of(Throwable failure) {
        return describe(failure).strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    private static String describe(Throwable failure) {
        if (failure instanceof CommandFailure) {
            return failure.getMessage();
        }
        if (failure instanceof TransportException transport && transport.reason() == Reason.CANCELLED) {
            return "interrupted";
        }
        if (failure instanceof StreamRpcException call && call.isRejection()) {
            return "the server refused: " + failure.getMessage();
        }
        if (failure instanceof TransportException transport) {
            return failure.getMessage() + hint(transport);
        }
        if (failure instanceof FileSystemException file) {
            return describeFile(file);
        }
        if (failure instanceof IOException && failure.getMessage() != null) {
            return failure.getMessage();
        }
        return "something went wrong that should not: " + failure + "; run again with --verbose for the details";
    }

    private static String hint(TransportException failure) {
        return switch (failure.reason()) {
            case REFUSED -> "; is a server running there? 'sluice serve --listen URI' starts one";
            case RESET, TRUNCATED -> "; try again, and look at the server's log if it happens again";
            default -> "";
        };
    }

    private static String describeFile(FileSystemException failure) {
        String file = "'" + failure.getFile() + "'";
        if (failure instanceof NoSuchFileException) {
            return "no such file or directory: " + file;
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied: " + file;
        }
        if (failure instanceof NotDirectoryException) {
            return "not a directory: " + file;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "there is a file already: " + file;
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return "the directory is not empty: " + file;
        }
        return file + ": " + failure.getReason();
    }
}
