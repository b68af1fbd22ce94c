package dev.sluice.tests.go;

import dev.sluice.nio.Endpoint;
import java.nio.file.Path;

/** What carries the bytes between Sluice and a Go peer. */
enum Wire {
    TCP,
    UNIX;

    /** Returns where to listen. */
    Endpoint endpoint(Path folder) {
        return this == TCP ? Endpoint.tcp("127.0.0.1", 0) : Endpoint.unix(folder.resolve("s"));
    }
}
