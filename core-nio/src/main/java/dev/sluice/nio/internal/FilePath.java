package dev.sluice.nio.internal;

/** The ways from the page cache into a socket. */
enum FilePath {
    /** The kernel moves the pages: {@code sendfile}. Least processor time; not always fastest. */
    SENDFILE,
    /** Writes from a mapping of the file: one copy, but every page is mapped and unmapped, which costs about as much. */
    MAPPED,
    /** Reads into a pooled buffer, writes from there: two copies, of which one is within the cache. Works with everything. */
    COPY
}
