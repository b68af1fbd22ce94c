package dev.sluice.streamrpc.internal;

import dev.sluice.mux.CallAttributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Runs a request: finds the method and drives its gRPC call as gRPC would. On the executor. */
final class ServerCalls {
    private ServerCalls() {}

    static void run(ServerSession session, MethodTable methods, byte[] payload, Executor executor) {
        try {
            Request request = Request.parse(payload);
            Optional<ServerMethodDefinition<?, ?>> method = methods.lookup(request.method());
            if (method.isEmpty()) {
                session.reject(StatusText.METHOD_NOT_FOUND + request.method());
                return;
            }
            run(session, method.get(), request, MetadataCodec.toMetadata(request.metadata()), executor);
        } catch (BadRequestException e) {
            session.reject(e.getMessage());
        }
    }

    private static <Q, R> void run(
            ServerSession session,
            ServerMethodDefinition<Q, R> method,
            Request request,
            Metadata headers,
            Executor executor) {
        Context.CancellableContext context = Context.ROOT
                .withValues(ServerSession.KEY, session, CallAttributes.CURRENT_CONNECTION, session.connection())
                .withCancellation();
        StreamServerCall<Q, R> call = new StreamServerCall<>(session, method.getMethodDescriptor(), context);
        session.whenClosed(() -> call.connectionClosed(executor));
        Context previous = context.attach();
        try {
            ServerCall.Listener<Q> listener = method.getServerCallHandler().startCall(call, headers);
            call.listener(listener);
            listener.onReady();
            listener.onMessage(method.getMethodDescriptor().parseRequest(request.messageStream()));
            listener.onHalfClose();
        } catch (Throwable t) {
            // An interceptor's, or what made no message: what the method throws, the innermost interceptor has caught.
            call.close(MethodFailures.statusOf(t, call), new Metadata());
        } finally {
            context.detach(previous);
        }
    }
}
