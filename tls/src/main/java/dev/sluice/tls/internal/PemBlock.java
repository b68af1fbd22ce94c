package dev.sluice.tls.internal;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of a PEM file (RFC 7468). Immutable as long as nobody writes to its content. */
final class PemBlock {
    static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";
    static final String PKCS8_KEY = "PRIVATE KEY";
    static final String RSA_KEY = "RSA PRIVATE KEY";
    static final String EC_KEY = "EC PRIVATE KEY";
    static final String EC_PARAMETERS = "EC PARAMETERS";

    private static final Pattern ALGORITHM = Pattern.compile("^(rsa|ec|dsa|dh)\\b");
    private static final Set<String> CERTIFICATE_LABELS = Set.of("CERTIFICATE", "X509 CERTIFICATE");

    private final String label;
    private final byte[] der;
    private final boolean headers;

    /**
     * Creates a block.
     *
     * @param label what stands behind BEGIN
     * @param der the decoded content
     * @param headers whether RFC 1421 headers stood before the content, which only OpenSSL's old encryption writes
     */
    PemBlock(String label, byte[] der, boolean headers) {
        this.label = label;
        this.der = der;
        this.headers = headers;
    }

    String label() {
        return label;
    }

    byte[] der() {
        return der;
    }

    boolean hasHeaders() {
        return headers;
    }

    boolean isCertificate() {
        return CERTIFICATE_LABELS.contains(label);
    }

    /** Whether this is a private key of any kind, known to us or not. */
    boolean isPrivateKey() {
        return label.endsWith(PKCS8_KEY);
    }

    /** Returns what the block is, for messages: "a certificate", "an encrypted private key". */
    String describe() {
        String words = isCertificate() ? "certificate" : label.toLowerCase(Locale.ROOT);
        Matcher algorithm = ALGORITHM.matcher(words);
        String text = algorithm.replaceFirst(match -> match.group().toUpperCase(Locale.ROOT));
        if (text.endsWith("parameters")) {
            return text;
        }
        return (text.matches("(?i)(RSA|[aeio]).*") ? "an " : "a ") + text;
    }

    /** Does not show the content. */
    @Override
    public String toString() {
        return "PEM " + label + " (" + der.length + " bytes)";
    }
}
