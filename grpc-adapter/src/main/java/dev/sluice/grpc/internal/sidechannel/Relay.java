package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Copies between two sidechannels, until what the server says has ended: a server that answers without reading everything is not waited for.
 * For one use.
 */
final class Relay {
    /** Of a proxy to its server. */
    private final ByteStream upstream;
    /** Of a client to the proxy. */
    private final ByteStream downstream;
    /** Decided by what ends first: the server's direction, or either one by a failure. */
    private final CompletableFuture<Void> outcome = new CompletableFuture<>();

    Relay(ByteStream upstream, ByteStream downstream) {
        this.upstream = upstream;
        this.downstream = downstream;
    }

    /**
     * Copies, and closes both; cuts them if something fails. Blocks.
     *
     * @param executor runs the client's direction; the caller's thread runs the server's
     * @throws TransportException for the first failure of either direction
     */
    void run(Executor executor) throws TransportException {
        CompletableFuture<Void> requests = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    step("copy to upstream", () -> downstream.transferTo(upstream, Long.MAX_VALUE));
                    step("closewrite upstream", upstream::shutdownOutput);
                } finally {
                    requests.complete(null);
                }
            });
        } catch (RejectedExecutionException e) {
            fail("copy to upstream", e);
            requests.complete(null);
        }
        step("copy to downstream", () -> upstream.transferTo(downstream, Long.MAX_VALUE));
        step("close downstream", downstream::shutdownOutput);
        outcome.complete(null);
        downstream.close(); // both end the requests, if these are still under way
        upstream.close();
        requests.join();
        await();
    }

    private interface Step {
        void run() throws TransportException;
    }

    /** No step is made after one that failed. */
    private void step(String what, Step step) {
        if (outcome.isCompletedExceptionally()) {
            return;
        }
        try {
            step.run();
        } catch (TransportException | RuntimeException e) {
            fail(what, e);
        }
    }

    private void fail(String what, Exception failure) {
        TransportException why = TransportException.of(what, failure);
        boolean first = outcome.completeExceptionally(
                new TransportException(why.reason(), what + ": " + failure.getMessage(), failure));
        if (first) {
            upstream.abort();
            downstream.abort();
        }
    }

    private void await() throws TransportException {
        try {
            outcome.join(); // decided by now
        } catch (CompletionException e) {
            throw TransportException.of("relay", e.getCause());
        }
    }
}
