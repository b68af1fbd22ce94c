package dev.sluice.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What both sides of a TLS connection agreed upon. Immutable.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite the standard name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param applicationProtocol what ALPN chose, if it was used
 * @param serverName what the client asked for (SNI), if it did
 * @param peerCertificates the peer's chain, its own certificate first; empty if it showed none. Trusted, unless this side trusts anything
 */
public record TlsInfo(
        String protocol,
        String cipherSuite,
        Optional<String> applicationProtocol,
        Optional<String> serverName,
        List<X509Certificate> peerCertificates) {}
