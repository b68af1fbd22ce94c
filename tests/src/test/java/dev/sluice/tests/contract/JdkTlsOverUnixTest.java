package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class JdkTlsOverUnixTest extends TlsConnectionContract {
    @TempDir
    Path directory;

    JdkTlsOverUnixTest() {
        super("SunJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.unix(directory.resolve("contract.sock"));
    }

    /** What a Unix socket does not tell, TLS notices as an end without {@code close_notify}. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.HALF_CLOSE);
    }
}
