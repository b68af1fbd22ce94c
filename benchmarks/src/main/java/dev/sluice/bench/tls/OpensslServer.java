package dev.sluice.bench.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code openssl s_server}, which serves files of its folder over HTTP. It inherits the core that this process is pinned to. */
final class OpensslServer implements AutoCloseable {
    private final Process process;

    OpensslServer(int port, Path file, Path certificate, Path key) throws IOException {
        process = new ProcessBuilder(List.of(
                        "openssl",
                        "s_server",
                        "-quiet",
                        "-WWW",
                        "-accept",
                        "127.0.0.1:" + port,
                        "-cert",
                        certificate.toString(),
                        "-key",
                        key.toString(),
                        "-ciphersuites",
                        "TLS_AES_128_GCM_SHA256"))
                .directory(file.getParent().toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
