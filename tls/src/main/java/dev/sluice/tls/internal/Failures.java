package dev.sluice.tls.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.TlsFailure;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** What the exceptions of engines mean. The providers differ in types and texts; what is not recognised is {@link TlsFailure#OTHER}. */
final class Failures {
    private Failures() {}

    /** Turns a failure into one with a reason and a text that names the actual cause. */
    static TransportException describe(String what, Throwable failure) {
        if (!(failure instanceof SSLException)) {
            return TransportException.of(what, failure);
        }
        TlsFailure kind = kindOf(failure);
        Reason reason = switch (kind) {
            case CERTIFICATE, NO_CLIENT_CERTIFICATE -> Reason.UNTRUSTED;
            case TRUNCATED -> Reason.TRUNCATED;
            default -> Reason.PROTOCOL_ERROR;
        };
        return new TransportException(reason, what + ": " + textOf(failure), failure);
    }

    /** Engines put the validator's text, which says what is wrong with a certificate, two or three causes deep. */
    private static String textOf(Throwable failure) {
        String outer = String.valueOf(failure.getMessage());
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String inner = root.getMessage();
        return inner == null || outer.contains(inner) ? outer : outer + " (" + inner + ")";
    }

    static TlsFailure kindOf(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof TlsProtocolException own) {
                return own.kind();
            }
            if (t instanceof CertificateException || t instanceof CertPathValidatorException) {
                return TlsFailure.CERTIFICATE;
            }
        }
        if (failure instanceof TransportException transport && !(transport.getCause() instanceof SSLException)) {
            return switch (transport.reason()) {
                case TIMEOUT, CLOSED, CANCELLED, SHUTDOWN -> TlsFailure.GIVEN_UP;
                case LIMIT_EXCEEDED -> TlsFailure.OVERLOADED;
                case TRUNCATED, RESET -> TlsFailure.TRUNCATED;
                default -> TlsFailure.OTHER;
            };
        }
        return byText(failure instanceof TransportException ? failure.getCause() : failure);
    }

    private static TlsFailure byText(Throwable failure) {
        String text = (failure.getMessage() + " "
                        + (failure.getCause() == null ? "" : failure.getCause().getMessage()))
                .toLowerCase(Locale.ROOT);
        if (text.contains("received fatal alert") || text.contains("alert received")) {
            return TlsFailure.REFUSED_BY_PEER;
        }
        if (text.contains("empty client certificate")
                || text.contains("certificate_required")
                || text.contains("client certificate is absent")
                || text.contains("peer_did_not_return_a_certificate")) {
            return TlsFailure.NO_CLIENT_CERTIFICATE;
        }
        if (text.contains("in common")
                || text.contains("not accepted by")
                || text.contains("not enabled or supported")
                || text.contains("application layer protocol")
                || text.contains("protocol_version")
                || text.contains("no appropriate protocol")
                || text.contains("application protocol")
                || text.contains("no_application_protocol")
                || text.contains("handshake_failure")) {
            return TlsFailure.NOTHING_IN_COMMON;
        }
        if (text.contains("close_notify")) {
            return TlsFailure.TRUNCATED;
        }
        return text.contains("certificate") ? TlsFailure.CERTIFICATE : TlsFailure.OTHER;
    }
}
