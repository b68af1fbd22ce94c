package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.grpc.UnusedSidechannelException;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A call of a proxy to its server, which offers a sidechannel of the proxy's in place of the one of the proxy's client, if there is one.
 * As thread-safe as gRPC's calls.
 */
public final class ProxiedCall<Q, R> extends SimpleForwardingClientCall<Q, R> {
    private final Registrations registrations;
    private final Opener opener;
    /** Runs the listener, which may wait for nothing but its tasks. */
    private final Executor executor;
    /** Null until the call has begun, and if no sidechannel was offered. */
    private volatile Registration registration;

    /** Opens sidechannels of the proxy's client. */
    @FunctionalInterface
    public interface Opener {
        /** Opens the one that was offered to the current call. */
        ByteStream open(SidechannelOffer offer) throws TransportException;
    }

    /** @param registrations of the proxy, on its connections to its server */
    public ProxiedCall(ClientCall<Q, R> call, CallOptions options, Registrations registrations, Opener opener) {
        super(call);
        this.registrations = registrations;
        this.opener = opener;
        executor = options.getExecutor() == null ? registrations.executor() : options.getExecutor();
    }

    @Override
    public void start(Listener<R> listener, Metadata headers) {
        SidechannelOffer offered = SidechannelOffer.in(headers);
        if (!offered.isPresent()) {
            super.start(listener, headers);
            return;
        }
        Registration added = registrations.add(upstream -> relay(upstream, offered));
        added.addTo(headers);
        registration = added;
        super.start(new Joining(listener, added), headers);
    }

    private void relay(ByteStream upstream, SidechannelOffer offered) throws TransportException, StatusException {
        ByteStream downstream;
        try {
            downstream = opener.open(offered);
        } catch (TransportException e) {
            throw Status.UNAVAILABLE
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asException();
        }
        new Relay(upstream, downstream).run(registrations.executor());
    }

    @Override
    public void cancel(String message, Throwable cause) {
        super.cancel(message, cause);
        Registration begun = registration;
        if (begun != null) {
            begun.cut("the call was cancelled");
        }
    }

    /** Lets the call end with the sidechannel. */
    private final class Joining extends SimpleForwardingClientCallListener<R> {
        private final Registration sidechannel;

        Joining(Listener<R> listener, Registration sidechannel) {
            super(listener);
            this.sidechannel = sidechannel;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // only passes on
        public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
                sidechannel.cut("the call failed");
                super.onClose(status, trailers);
                return;
            }
            sidechannel.withdraw();
            if (sidechannel.result().isDone()) {
                end(trailers);
            } else {
                sidechannel.result().whenComplete((done, failure) -> endLater(trailers));
            }
        }

        private void endLater(Metadata trailers) {
            try {
                executor.execute(() -> end(trailers));
            } catch (RejectedExecutionException e) {
                end(trailers); // on a thread that is not meant for it, for a call must end
            }
        }

        private void end(Metadata trailers) {
            super.onClose(
                    sidechannel
                            .result()
                            .handle((done, failure) -> statusOf(failure))
                            .join(),
                    trailers);
        }
    }

    private static Status statusOf(Throwable failure) {
        if (failure == null || failure instanceof UnusedSidechannelException) {
            return Status.OK;
        }
        boolean hasStatus = failure instanceof StatusException;
        Status status = hasStatus ? ((StatusException) failure).getStatus() : Status.UNKNOWN;
        String text = hasStatus ? status.getDescription() : failure.getMessage();
        return status.withDescription("sidechannel: proxy callback: " + text).withCause(failure);
    }
}
