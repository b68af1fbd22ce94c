package dev.sluice.streamrpc.internal;

import dev.sluice.nio.TransportException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Runs a request: finds the method and drives its gRPC call as gRPC would. On the executor. */
final class ServerCalls {
    private static final Logger LOG = System.getLogger(ServerCalls.class.getName());

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
        Context.CancellableContext context =
                Context.ROOT.withValue(ServerSession.KEY, session).withCancellation();
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
            failed(session, call, t);
        } finally {
            context.detach(previous);
        }
    }

    /** What a method or interceptor throws ends its call only, whatever it is. Its text may be secret: the log has it. */
    private static void failed(ServerSession session, StreamServerCall<?, ?> call, Throwable t) {
        Status status = Status.fromThrowable(t);
        if (status.getCode() == Status.Code.UNKNOWN) {
            boolean clientGone = t.getCause() instanceof TransportException;
            LOG.log(clientGone ? Level.DEBUG : Level.ERROR, session.connection() + ": the method failed", t);
            status = Status.INTERNAL.withDescription("the method failed").withCause(t);
        }
        call.close(status, new Metadata());
    }
}
