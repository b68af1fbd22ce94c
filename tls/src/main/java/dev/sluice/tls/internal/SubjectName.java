package dev.sluice.tls.internal;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A name that a certificate is for: a DNS name or an IP address. Immutable. */
public final class SubjectName {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final int MAX_DNS_LENGTH = 253;
    private static final String DNS_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
    /** The last label is no number: that would be an address with a mistake in it. */
    private static final String DNS = "(?!(.*\\.)?[0-9]+$)(\\*\\.)?" + DNS_LABEL + "(\\." + DNS_LABEL + ")*";

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = OCTET + "(\\." + OCTET + "){3}";
    /** Only what looks like an address is handed to the JDK, which would look up anything else. */
    private static final String IPV6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

    private final String text;
    private final byte[] encoded;

    private SubjectName(String text, byte[] encoded) {
        this.text = text;
        this.encoded = encoded;
    }

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException if it is neither a DNS name, with or without {@code *.} before it, nor an IP address
     */
    public static SubjectName of(String name) {
        if (name.matches(IPV4) || name.matches(IPV6)) {
            return new SubjectName(name, Der.implicit(IP_ADDRESS, address(name)));
        }
        String dns = dnsName(name);
        return new SubjectName(dns, Der.implicit(DNS_NAME, dns.getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * Returns a DNS name as it stands in certificates and on the wire: ASCII, in lower case, without a dot at the end.
     *
     * @throws IllegalArgumentException if it is none; {@code *.} may stand before it
     */
    static String dnsName(String name) {
        String ascii;
        try {
            ascii = IDN.toASCII(name).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notAName(name), e);
        }
        String dns = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
        if (dns.length() > MAX_DNS_LENGTH || !dns.matches(DNS)) {
            throw new IllegalArgumentException(notAName(name));
        }
        return dns;
    }

    /** Returns the name as text. */
    String text() {
        return text;
    }

    /** Returns the GeneralName of RFC 5280, 4.2.1.6. */
    byte[] encoded() {
        return encoded.clone();
    }

    private static String notAName(String name) {
        return "not a name for a certificate: '" + name + "', expected a DNS name (example.org, *.example.org)"
                + " or an IP address (127.0.0.1, ::1)";
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(notAName(literal), e);
        }
    }
}
