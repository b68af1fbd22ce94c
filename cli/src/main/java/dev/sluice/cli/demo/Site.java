package dev.sluice.cli.demo;

import java.nio.file.Path;

/**
 * What the demo works with. Immutable.
 *
 * @param data what is sent; lies in {@code root}
 * @param root what the server serves
 * @param received where the client puts what arrives
 */
record Site(DemoData data, Path root, Path received) {
    /** A directory in the root, which the echo takes for a repository. */
    static final String REPOSITORY = "repository";

    /** Returns where the server puts what arrives beside a call. */
    Path written() {
        return root.resolve("written");
    }
}
