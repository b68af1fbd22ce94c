package dev.sluice.bench.echo;

import dev.sluice.bench.harness.TitledTest;

/** What is asked of each server, in this order. */
enum EchoTest implements TitledTest {
    /** First: many messages warm a fresh server up. */
    THROUGHPUT("64 connections, 1 message outstanding on each"),
    /** As many messages as the depth are written together. */
    PIPELINED("64 connections, 16 messages outstanding on each"),
    LATENCY("1 connection, ping-pong");

    static final int MESSAGE_BYTES = 64;
    static final int CONNECTIONS = 64;
    static final int DEPTH = 16;

    private final String title;

    EchoTest(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }
}
