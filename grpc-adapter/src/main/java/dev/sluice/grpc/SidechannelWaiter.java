package dev.sluice.grpc;

import dev.sluice.grpc.internal.sidechannel.Registration;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.util.concurrent.ExecutionException;

/**
 * A sidechannel that is offered to a server. As an interceptor it offers itself in the one call that it is made for, and {@link #close()}, after that
 * call, waits for the callback.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class SidechannelWaiter implements ClientInterceptor, AutoCloseable {
    private final Registration registration;

    SidechannelWaiter(Registration registration) {
        this.registration = registration;
    }

    /** Returns its number, from 0. */
    public long id() {
        return registration.id();
    }

    /** Offers the sidechannel in the metadata of a call that is about to be made, for those who can do without the interceptor. */
    public void addTo(Metadata headers) {
        registration.addTo(headers);
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                addTo(headers);
                super.start(listener, headers);
            }
        };
    }

    /**
     * Waits for no server any more; if one has come, waits until the callback has returned. Blocks. Idempotent: each call
     * ends like the first one. Interrupting it cuts the stream.
     *
     * @throws UnusedSidechannelException if no server came
     * @throws TransportException if the callback failed, with what it threw as the cause; or if it could not be run
     */
    @Override
    public void close() throws IOException {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException("a sidechannel must not be waited for on an event loop");
        }
        registration.withdraw();
        try {
            registration.result().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            registration.cut("who waited for the callback was interrupted");
            throw new TransportException(
                    Reason.CANCELLED, "sidechannel " + id() + ": interrupted while waiting for the callback", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    /** A new one each time: who closes twice may throw the first one from where the second one is suppressed. */
    private IOException failure(Throwable cause) {
        if (cause instanceof UnusedSidechannelException) {
            return new UnusedSidechannelException();
        }
        Reason reason = TransportException.of("", cause).reason();
        return new TransportException(
                reason, "sidechannel " + id() + ": the callback failed: " + cause.getMessage(), cause);
    }
}
