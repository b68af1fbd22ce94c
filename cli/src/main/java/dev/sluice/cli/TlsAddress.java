package dev.sluice.cli;

import dev.sluice.nio.Endpoint;

/** Tells addresses with TLS from others. */
final class TlsAddress {
    private static final String SCHEME = "tls";
    private static final String TCP = "tcp";

    private TlsAddress() {}

    /** Returns whether the address is {@code tls://host:port}, or {@code tls+} another one. */
    static boolean isTls(Endpoint address) {
        return address.scheme().equals(SCHEME) || address.scheme().startsWith(SCHEME + "+");
    }

    /** Returns how the address is written with TLS. */
    static String over(Endpoint plaintext) {
        String text = plaintext.toString();
        return SCHEME + (text.startsWith(TCP) ? text.substring(TCP.length()) : "+" + text);
    }
}
