package dev.sluice.bench.tls;

import java.io.IOException;
import java.nio.file.Path;

/** The TLS servers that are measured side by side. Each sends a file to who asks with any first bytes, and then the end. */
public enum TlsPeer {
    /** Sluice on the JDK's engine. */
    SLUICE_JDK("sluice, JSSE", "SunJSSE") {
        @Override
        AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException {
            return new SluiceTlsServer(port, file, certificate, key, provider());
        }
    },
    /** Sluice on BouncyCastle's engine. */
    SLUICE_BC("sluice, BouncyCastle", "BCJSSE") {
        @Override
        AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException {
            return new SluiceTlsServer(port, file, certificate, key, provider());
        }
    },
    /** The JDK's engine over blocking sockets, by hand. */
    ENGINE_JDK("plain SSLEngine, JSSE", "SunJSSE") {
        @Override
        AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException {
            return new EngineLoopServer(port, file, certificate, key, provider());
        }
    },
    /** BouncyCastle's engine over blocking sockets, by hand. */
    ENGINE_BC("plain SSLEngine, BC", "BCJSSE") {
        @Override
        AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException {
            return new EngineLoopServer(port, file, certificate, key, provider());
        }
    },
    /** {@code openssl s_server}. */
    OPENSSL("openssl s_server", "openssl") {
        @Override
        AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException {
            return new OpensslServer(port, file, certificate, key);
        }
    };

    private final String label;
    private final String provider;

    TlsPeer(String label, String provider) {
        this.label = label;
        this.provider = provider;
    }

    abstract AutoCloseable start(int port, Path file, Path certificate, Path key) throws IOException;

    String label() {
        return label;
    }

    String provider() {
        return provider;
    }

    /** Returns what the figures of this peer are set beside. */
    TlsPeer reference() {
        return this == SLUICE_BC || this == ENGINE_BC ? ENGINE_BC : ENGINE_JDK;
    }
}
