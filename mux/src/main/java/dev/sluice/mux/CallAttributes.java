package dev.sluice.mux;

import dev.sluice.nio.Connection;
import io.grpc.Attributes;
import io.grpc.Context;

/**
 * What calls have in common over all protocols whose calls are gRPC's, so that one interceptor serves them all. Only for those who have
 * {@code grpc-api}: nothing else here needs it.
 */
@SuppressWarnings("exports") // who uses it has grpc-api, and who has not must not be made to
public final class CallAttributes {
    /** In {@code ServerCall.getAttributes()}: the connection of the call, for its id, endpoints, credentials and certificates. */
    public static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("dev.sluice.connection");

    /** In the {@link Context} of calls, for their interceptors and methods: the same connection. */
    public static final Context.Key<Connection> CURRENT_CONNECTION = Context.key("dev.sluice.connection");

    private CallAttributes() {}
}
