package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class BouncyCastleTlsOverUnixTest extends TlsConnectionContract {
    @TempDir
    Path directory;

    BouncyCastleTlsOverUnixTest() {
        super("BCJSSE");
    }

    @Override
    Endpoint belowEndpoint() {
        return Endpoint.unix(directory.resolve("contract.sock"));
    }

    /** BouncyCastle ends both directions when one ends; and a Unix socket does not tell that it was cut. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.noneOf(Capability.class);
    }
}
