package dev.sluice.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What the command reads and writes: the process's own streams, or a test's. Immutable.
 *
 * @param in standard input
 * @param out standard output, unbuffered
 * @param err standard error
 * @param errIsTerminal whether a person watches {@code err}
 */
record Streams(InputStream in, OutputStream out, PrintStream err, boolean errIsTerminal) {}
