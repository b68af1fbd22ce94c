package dev.sluice.bench.harness;

/** What is asked of each contender. */
public interface TitledTest {
    /** Returns the name for people. */
    String title();
}
