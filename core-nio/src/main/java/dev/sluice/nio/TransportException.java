package dev.sluice.nio;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;

/**
 * A failure of a transport, with a {@link Reason} that code can act on and a text that a person can act on.
 *
 * <p>The text names what failed, where (endpoint or connection), what was expected and seen, and the setting that changes it
 * when there is one. Each module has at most one subclass. Immutable but for suppressed exceptions.
 */
public class TransportException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Creates a failure without a cause. */
    public TransportException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Creates a failure that was caused by another. */
    public TransportException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Returns why this failed. */
    public final Reason reason() {
        return reason;
    }

    /**
     * Returns the orderly end of a connection. It is an event rather than a fault and happens once per connection, so it
     * carries no stack trace.
     */
    public static TransportException closed(String message) {
        return new OrderlyClose(message);
    }

    /**
     * Wraps any failure, with the reason that its type and text stand for. A {@code TransportException} is returned unchanged.
     *
     * @param what what was being done and where, for example {@code "connect to tcp://host:1"}; becomes the head of the text
     */
    public static TransportException of(String what, Throwable failure) {
        if (failure instanceof TransportException transport) {
            return transport;
        }
        return new TransportException(reasonOf(failure), what + ": " + describe(failure), failure);
    }

    private static String describe(Throwable failure) {
        String text = failure.getMessage();
        if (failure instanceof UnresolvedAddressException || failure instanceof UnknownHostException) {
            return "unknown host" + (text == null ? "" : " " + text);
        }
        return text == null ? failure.getClass().getSimpleName() : text;
    }

    private static Reason reasonOf(Throwable failure) {
        if (failure instanceof BindException) {
            return bindReason(textOf(failure));
        }
        if (failure instanceof UnknownHostException || failure instanceof UnresolvedAddressException) {
            return Reason.UNKNOWN_HOST;
        }
        if (failure instanceof NoRouteToHostException) {
            return Reason.UNREACHABLE;
        }
        if (failure instanceof EOFException) {
            return Reason.TRUNCATED;
        }
        if (failure instanceof AsynchronousCloseException || failure instanceof ClosedChannelException) {
            return Reason.CLOSED;
        }
        if (failure instanceof AccessDeniedException) {
            return Reason.PERMISSION_DENIED;
        }
        if (failure instanceof IOException io) {
            return ioReason(io);
        }
        return Reason.INTERNAL;
    }

    private static Reason bindReason(String text) {
        if (isDenied(text)) {
            return Reason.PERMISSION_DENIED;
        }
        return text.contains("in use") ? Reason.ADDRESS_IN_USE : Reason.IO_ERROR;
    }

    /** The JDK reports most failures of the operating system as plain IOExceptions that differ in their text only. */
    private static Reason ioReason(IOException failure) {
        String text = textOf(failure);
        if (text.contains("reset") || text.contains("broken pipe") || text.contains("aborted")) {
            return Reason.RESET;
        }
        if (text.contains("refused")) {
            return Reason.REFUSED;
        }
        if (text.contains("timed out")) {
            return Reason.TIMEOUT;
        }
        if (text.contains("unreachable")) {
            return Reason.UNREACHABLE;
        }
        if (isDenied(text)) {
            return Reason.PERMISSION_DENIED;
        }
        if (text.contains("address already in use")) {
            return Reason.ADDRESS_IN_USE;
        }
        // A Unix socket file that is not there: nobody can be listening.
        boolean nobodyThere = failure instanceof ConnectException || text.contains("no such file");
        return nobodyThere ? Reason.REFUSED : Reason.IO_ERROR;
    }

    /** EACCES and EPERM. */
    private static boolean isDenied(String text) {
        return text.contains("permission denied") || text.contains("operation not permitted");
    }

    private static String textOf(Throwable failure) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    }

    private static final class OrderlyClose extends TransportException {
        private static final long serialVersionUID = 1L;

        OrderlyClose(String message) {
            super(Reason.CLOSED, message);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
