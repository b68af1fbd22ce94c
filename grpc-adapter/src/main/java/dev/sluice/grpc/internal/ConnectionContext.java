package dev.sluice.grpc.internal;

import dev.sluice.mux.CallAttributes;
import dev.sluice.nio.Connection;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Puts the connection of a call into its context, for methods, which do not see the call's attributes. Stateless. */
public final class ConnectionContext implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Connection connection = call.getAttributes().get(CallAttributes.CONNECTION);
        if (connection == null) {
            return next.startCall(call, headers); // not a connection of ours
        }
        Context context = Context.current().withValue(CallAttributes.CURRENT_CONNECTION, connection);
        return Contexts.interceptCall(context, call, headers, next);
    }
}
