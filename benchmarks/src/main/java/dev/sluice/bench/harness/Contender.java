package dev.sluice.bench.harness;

/** One of those that are measured side by side. */
public interface Contender {
    /** Returns the name for people. */
    String label();

    /** Returns whether ratios refer to this one, if it is the better of those that they may refer to. */
    boolean isReference();
}
