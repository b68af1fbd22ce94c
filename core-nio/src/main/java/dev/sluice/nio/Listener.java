package dev.sluice.nio;

/** An address at which connections are accepted. Thread-safe. */
public interface Listener extends AutoCloseable {
    /** Returns the address as bound: with the port that the system chose if it was 0. */
    Endpoint endpoint();

    /** Returns the counters. */
    Stats stats();

    /**
     * Stops accepting for good and frees the address; a Unix socket file is deleted if it is still the one that this made.
     * Connections accepted before live on. Returns when the address is free, unless called on a loop. Idempotent.
     */
    @Override
    void close();

    /**
     * What a listener has done.
     *
     * @param accepted connections accepted
     * @param acceptFailures times accepting failed, for example for lack of file descriptors; it is tried again
     */
    record Stats(long accepted, long acceptFailures) {}
}
