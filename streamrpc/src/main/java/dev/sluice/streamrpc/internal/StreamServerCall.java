package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A StreamRPC call as gRPC's interceptors and stubs see it: a unary call. Response messages and headers have no place on the wire
 * and are dropped. Thread-safe.
 */
final class StreamServerCall<Q, R> extends ServerCall<Q, R> {
    private static final Logger LOG = System.getLogger(StreamServerCall.class.getName());

    private final ServerSession session;
    private final MethodDescriptor<Q, R> method;
    private final Context.CancellableContext context;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean cancelTold = new AtomicBoolean();
    private volatile boolean cancelled;
    private volatile Listener<Q> listener;

    StreamServerCall(ServerSession session, MethodDescriptor<Q, R> method, Context.CancellableContext context) {
        this.session = session;
        this.method = method;
        this.context = context;
    }

    /** Tells a cancellation that came before there was anybody to tell. */
    void listener(Listener<Q> started) {
        listener = started;
        if (cancelled) {
            tellListenerCancelled();
        }
    }

    @Override
    public void request(int numMessages) {
        // The one message has come with the request.
    }

    @Override
    public void sendHeaders(Metadata headers) {
        // StreamRPC 00 has no place for them.
    }

    @Override
    public void sendMessage(R message) {
        // The stream is the response.
    }

    @Override
    public void close(Status status, Metadata trailers) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        session.end(status);
        context.cancel(status.getCause());
        Listener<Q> told = listener;
        if (told != null) {
            told.onComplete();
        }
    }

    /** The connection is gone. If the call was not closed before, it is cancelled: on the executor, for that is user code. */
    void connectionClosed(Executor executor) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        cancelled = true;
        session.end(Status.CANCELLED);
        try {
            executor.execute(this::tellCancelled);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "no thread to tell that the client of " + session.connection() + " is gone", e);
        }
    }

    private void tellCancelled() {
        context.cancel(null);
        tellListenerCancelled();
    }

    private void tellListenerCancelled() {
        Listener<Q> told = listener;
        if (told != null && cancelTold.compareAndSet(false, true)) {
            told.onCancel();
        }
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
        return method;
    }

    @Override
    public String getAuthority() {
        return session.connection().localEndpoint().toString();
    }

    @Override
    public Attributes getAttributes() {
        Connection connection = session.connection();
        Attributes.Builder attributes = Attributes.newBuilder().set(StreamRpc.CONNECTION, connection);
        connection.remoteEndpoint().socketAddress().ifPresent(a -> attributes.set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, a));
        connection.localEndpoint().socketAddress().ifPresent(a -> attributes.set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, a));
        connection.tlsSession().ifPresent(tls -> attributes.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, tls));
        return attributes.build();
    }

    /** Interceptors ask this whether secrets may be sent. */
    @Override
    public SecurityLevel getSecurityLevel() {
        return session.connection().tlsSession().isPresent() ? SecurityLevel.PRIVACY_AND_INTEGRITY : SecurityLevel.NONE;
    }
}
