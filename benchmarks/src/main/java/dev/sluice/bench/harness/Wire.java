package dev.sluice.bench.harness;

import java.nio.file.Path;
import java.util.Locale;

/** How servers are reached. */
public enum Wire {
    TCP,
    UNIX;

    /** Returns where a server is to listen: any port, or {@code socket}. */
    public String endpoint(Path socket) {
        return this == TCP ? "tcp://127.0.0.1:0" : "unix://" + socket;
    }

    /** Returns the name for people. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
