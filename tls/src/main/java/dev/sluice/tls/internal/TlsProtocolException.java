package dev.sluice.tls.internal;

import dev.sluice.tls.TlsFailure;
import javax.net.ssl.SSLException;

/** A breach of the protocol that is noticed before the engine sees it. */
final class TlsProtocolException extends SSLException {
    private static final long serialVersionUID = 1L;

    private final TlsFailure kind;

    TlsProtocolException(TlsFailure kind, String message) {
        super(message);
        this.kind = kind;
    }

    TlsFailure kind() {
        return kind;
    }
}
