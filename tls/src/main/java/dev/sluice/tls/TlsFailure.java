package dev.sluice.tls;

/** Why a TLS handshake or connection failed, for metrics. Immutable. */
public enum TlsFailure {
    /** The peer speaks something else in plaintext. */
    PLAINTEXT,
    /** The peer sent what no record of TLS may be. */
    MALFORMED,
    /** The peer asked for a renegotiation. */
    RENEGOTIATION,
    /** The peer's certificate is expired, for another name, or of somebody who is not trusted. */
    CERTIFICATE,
    /** A client certificate was required and did not come. */
    NO_CLIENT_CERTIFICATE,
    /** No version, cipher suite or application protocol (ALPN) that both sides want. */
    NOTHING_IN_COMMON,
    /** The peer refused, by an alert. */
    REFUSED_BY_PEER,
    /** The connection ended without {@code close_notify}: what came may be cut short (RFC 8446, section 6.1). */
    TRUNCATED,
    /** The deadline passed, or this side gave up. */
    GIVEN_UP,
    /** This side had no buffer or no thread for it: it takes on more than it was given means for. */
    OVERLOADED,
    /** Anything else that the engine or the connection below reported. */
    OTHER
}
