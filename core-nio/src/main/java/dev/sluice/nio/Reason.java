package dev.sluice.nio;

/** Why a transport operation failed or a connection ended. Immutable; safe to switch on. */
public enum Reason {
    /** The endpoint text or one of its options makes no sense. */
    INVALID_ENDPOINT,
    /** No installed transport or platform facility can do this. */
    UNSUPPORTED,
    /** The host name does not resolve. */
    UNKNOWN_HOST,
    /** Nobody listens at the address. */
    REFUSED,
    /** No route to the address. */
    UNREACHABLE,
    /** Another socket listens at the address already. */
    ADDRESS_IN_USE,
    /** The operating system denied access. */
    PERMISSION_DENIED,
    /** A deadline passed. */
    TIMEOUT,
    /** This side closed the connection in an orderly way. */
    CLOSED,
    /** The peer, or something on the way to it, cut the connection. */
    RESET,
    /** The peer ended its direction in the middle of something. */
    TRUNCATED,
    /** The peer broke the protocol. */
    PROTOCOL_ERROR,
    /** The peer could not show that it is who it should be. */
    UNTRUSTED,
    /** A configured limit was reached. */
    LIMIT_EXCEEDED,
    /** The caller gave up. */
    CANCELLED,
    /** The loop, group or server is shutting down. */
    SHUTDOWN,
    /** Any other failure of the operating system. */
    IO_ERROR,
    /** A handler or this library threw something unexpected. */
    INTERNAL
}
