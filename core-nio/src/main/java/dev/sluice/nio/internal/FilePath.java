package dev.sluice.nio.internal;

/** The ways from the page cache into a socket. */
enum FilePath {
    /** The kernel moves the pages: {@code sendfile}. Least processor time; not always fastest. */
    SENDFILE,
    /** Writes from a mapping of the file: one copy, in large runs. */
    MAPPED,
    /** Reads into a pooled buffer, writes from there: two copies. Works with everything. */
    COPY
}
