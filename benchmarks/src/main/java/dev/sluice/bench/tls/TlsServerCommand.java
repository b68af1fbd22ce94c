package dev.sluice.bench.tls;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A server in a process of its own: prints the number of the process that serves, and ends with its standard input. */
@Command(name = "tls-server", description = "Runs one TLS server until its standard input ends.", hidden = true)
public final class TlsServerCommand implements Callable<Integer> {
    @Parameters(index = "0", description = "One of: ${COMPLETION-CANDIDATES}.")
    private TlsPeer peer;

    @Parameters(index = "1", description = "Port on 127.0.0.1.")
    private int port;

    @Parameters(index = "2", description = "What to send.")
    private Path file;

    @Parameters(index = "3", description = "Certificate chain, PEM.")
    private Path certificate;

    @Parameters(index = "4", description = "Key, PEM.")
    private Path key;

    @Override
    public Integer call() throws Exception {
        try (AutoCloseable server = peer.start(port, file, certificate, key)) {
            long pid = server instanceof OpensslServer openssl
                    ? openssl.pid()
                    : ProcessHandle.current().pid();
            System.out.println(pid);
            while (System.in.read() >= 0) {
                // Nothing to say to it: the end is all we wait for.
            }
        }
        return 0;
    }
}
