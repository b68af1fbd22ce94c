package dev.sluice.yamux.internal;

/**
 * Where a session is in its life.
 *
 * <pre>
 *   OPEN ---shutdown---&gt; DRAINING ---close---&gt; CLOSING ---all is said---&gt; OVER
 *     |                      |                                             ^
 *     +------- close --------|--------------&gt; CLOSING                      |
 *     +----------------------+-------- failure, or the last stream --------+
 * </pre>
 */
enum SessionState {
    /** Streams are opened and accepted. */
    OPEN,
    /** No new streams; those that are live go on. */
    DRAINING,
    /** What is queued is still said. */
    CLOSING,
    /** All streams are gone. */
    OVER;

    /** Returns whether the session may go on to another state. */
    boolean leadsTo(SessionState next) {
        return next.compareTo(this) > 0;
    }
}
