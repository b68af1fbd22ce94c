package dev.sluice.grpc.internal.sidechannel;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Optional;

/** Puts the sidechannels that a call offers into its context, for methods, which do not see the call's metadata. Stateless. */
public final class OfferContext implements ServerInterceptor {
    private static final Context.Key<SidechannelOffer> OFFER = Context.key("dev.sluice.sidechannel");

    /** Returns what the call offers that the current context belongs to; empty if it offers nothing, or there is no call. */
    public static Optional<SidechannelOffer> current() {
        return Optional.ofNullable(OFFER.get());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!headers.containsKey(SidechannelOffer.ID)) {
            return next.startCall(call, headers);
        }
        Context context = Context.current().withValue(OFFER, SidechannelOffer.in(headers));
        return Contexts.interceptCall(context, call, headers, next);
    }
}
