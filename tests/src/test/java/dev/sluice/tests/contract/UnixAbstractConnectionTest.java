package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has abstract Unix sockets")
class UnixAbstractConnectionTest extends ConnectionContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.unixAbstract(
                "sluice-contract-" + ProcessHandle.current().pid());
    }

    /** A Unix socket that is cut looks to its peer like one that is closed. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.HALF_CLOSE);
    }
}
