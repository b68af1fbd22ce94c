package dev.sluice.bench.framed;

import dev.sluice.bench.harness.Wire;
import java.nio.file.Path;

/** How the two sides reach each other. */
enum FramedWire {
    TCP("tcp"),
    UNIX("unix"),
    /** Within one process, over a connection nevertheless. */
    MEMORY("memory");

    private final String label;

    FramedWire(String label) {
        this.label = label;
    }

    /** Returns the name for people. */
    String label() {
        return label;
    }

    /** Returns where a server is to listen: any port, {@code socket}, or a fixed name. */
    String endpoint(Path socket) {
        return this == MEMORY ? "memory:framed-benchmark" : Wire.valueOf(name()).endpoint(socket);
    }

    /** Returns whether client and server are one process. */
    boolean isWithinProcess() {
        return this == MEMORY;
    }

    /** Returns whether a test can be made over it: there is no {@code transferTo} into a connection that the kernel does not know. */
    boolean has(FramedTest test) {
        return this != MEMORY || test != FramedTest.FILE;
    }
}
