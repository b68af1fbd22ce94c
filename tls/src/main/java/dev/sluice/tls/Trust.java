package dev.sluice.tls;

/** Whom to trust. Immutable. */
public final class Trust {
    private Trust() {}
}
