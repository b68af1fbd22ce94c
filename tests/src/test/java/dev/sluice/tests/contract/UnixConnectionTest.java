package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class UnixConnectionTest extends ConnectionContract {
    @TempDir
    Path directory;

    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.unix(directory.resolve("contract.sock"));
    }

    /** A Unix socket that is cut looks to its peer like one that is closed. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.HALF_CLOSE);
    }
}
