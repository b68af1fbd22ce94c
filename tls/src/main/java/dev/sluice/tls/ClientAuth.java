package dev.sluice.tls;

/** Whether a server asks clients for a certificate. */
public enum ClientAuth {
    /** Not asked for. */
    NONE,
    /** Asked for; who shows none is let in, who shows one that is not trusted is not. */
    OPTIONAL,
    /** Who shows none that is trusted is not let in. */
    REQUIRED
}
