package dev.sluice.cli.files;

/** Is told how far a transfer has come, often, by the thread that transfers: it must be quick. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (doneBytes, totalBytes) -> {};

    /** {@code doneBytes} of {@code totalBytes} bytes of content have been moved. */
    void moved(long doneBytes, long totalBytes);
}
