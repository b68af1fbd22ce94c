package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.grpc.SidechannelCallback;
import dev.sluice.grpc.UnusedSidechannelException;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A callback that waits for its sidechannel. Thread-safe.
 *
 * <pre>
 *   waiting ----- a server comes -----&gt; arrived ----- a thread has it -----&gt; running -----&gt; ended
 *      |                                   |                                                  ^
 *      +----- withdrawn -----&gt; unused      +----- the stream ends, or 5 s are over -----------+
 * </pre>
 */
public final class Registration {
    private final Registrations registrations;
    private final long id;
    private final SidechannelCallback callback;
    private final Duration limit;
    private final Context context = Context.current();
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    /** Whether the callback is run, or never will be. */
    private final AtomicBoolean settled = new AtomicBoolean();
    /** Null until it arrived. */
    private volatile Connection arrived;
    /** Null until it is cut. */
    private volatile TransportException cut;

    Registration(Registrations registrations, long id, SidechannelCallback callback, Duration limit) {
        this.registrations = registrations;
        this.id = id;
        this.callback = callback;
        this.limit = limit;
    }

    /** Returns its number, from 0. */
    public long id() {
        return id;
    }

    /** Offers the sidechannel in a call that is about to be made. */
    public void addTo(Metadata headers) {
        SidechannelOffer.add(headers, id);
    }

    /** Completes when the callback has returned; or fails with what it threw, or why it was not run. */
    public CompletableFuture<Void> result() {
        return result;
    }

    /** Waits for no server any more; no effect if one has come. */
    public void withdraw() {
        registrations.take(id).ifPresent(waiting -> result.completeExceptionally(new UnusedSidechannelException()));
    }

    /** Waits for no server any more, and cuts the stream if one has come. */
    public void cut(String why) {
        TransportException cause = new TransportException(Reason.CANCELLED, "sidechannel " + id + ": " + why);
        cut = cause; // for a server that is just about to come
        withdraw();
        Connection stream = arrived;
        if (stream != null && !result.isDone()) {
            stream.loop().post(() -> stream.abort(cause));
        }
    }

    /** A server came. On the loop; reading is paused. */
    void arrived(Connection stream, SidechannelMode mode) {
        arrived = stream;
        Timeout late = stream.loop().schedule(limit, () -> {
            if (!settled.get()) {
                stream.abort(new TransportException(
                        Reason.TIMEOUT,
                        "sidechannel " + id + ": no thread for the callback within " + limit.toMillis() + " ms"));
            }
        });
        stream.whenClosed(cause -> {
            late.cancel();
            failUnlessRun(cause);
        });
        if (cut != null) {
            stream.abort(cut);
            return;
        }
        try {
            registrations.executor().execute(() -> run(stream, mode));
        } catch (RejectedExecutionException e) {
            TransportException busy = new TransportException(
                    Reason.LIMIT_EXCEEDED, "sidechannel " + id + ": no thread for the callback", e);
            failUnlessRun(busy);
            stream.abort(busy);
        }
    }

    private void failUnlessRun(TransportException cause) {
        if (settled.compareAndSet(false, true)) {
            result.completeExceptionally(cause);
        }
    }

    private void run(Connection stream, SidechannelMode mode) {
        if (!settled.compareAndSet(false, true)) {
            return;
        }
        try {
            call(stream.blocking(), mode);
            result.complete(null);
        } catch (Throwable t) { // whoever waits for the callback is told
            result.completeExceptionally(t);
        }
    }

    /** What a callback leaves open is closed; cut if it failed, so that the server does not take a part for the whole. */
    private void call(ByteStream below, SidechannelMode mode) throws Exception {
        ByteStream stream =
                mode == SidechannelMode.UNFRAMED ? new UnframedClientStream(below) : new FramedClientStream(below);
        try {
            below.write(mode.confirmationBytes());
            context.call(() -> {
                callback.run(stream);
                return null;
            });
        } catch (Throwable t) {
            stream.abort();
            throw t;
        }
        stream.close();
    }
}
