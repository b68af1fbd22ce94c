package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A StreamRPC call as gRPC's interceptors see it: asks the credentials, dials, hands the request to a {@link ClientHandshake}, and
 * tells the listener what became of it. Started by one thread, cancelled by any.
 */
final class StreamClientCall<Q, R> extends ClientCall<Q, R> {
    private static final Logger LOG = System.getLogger(StreamClientCall.class.getName());

    private final ClientConfig config;
    private final MethodDescriptor<Q, R> method;
    private final CallOptions options;
    private final StreamChannel.Exchange exchange;
    private final Executor callbacks;
    private final long startNanos = System.nanoTime();
    private final long timeoutNanos;
    private final Context context = Context.current();
    private final Context.CancellationListener onContextCancelled = this::contextEnded;

    private Metadata headers;
    private byte[] message;
    private Listener<R> listener;
    private boolean closed;
    private Optional<ClientHandshake> handshake = Optional.empty();
    /** The callbacks so far: each runs after the one before, on the executor. */
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null);

    StreamClientCall(
            ClientConfig config, MethodDescriptor<Q, R> method, CallOptions options, StreamChannel.Exchange exchange) {
        this.config = config;
        this.method = method;
        this.options = options;
        this.exchange = exchange;
        Executor chosen = options.getExecutor() == null ? config.executor() : options.getExecutor();
        this.callbacks = config.intercepted() ? chosen : Runnable::run;
        this.timeoutNanos = timeoutOf(config.handshakeTimeout(), options.getDeadline(), context.getDeadline());
    }

    private static long timeoutOf(Duration handshakeTimeout, Deadline ofCall, Deadline ofContext) {
        long nanos = handshakeTimeout.toNanos();
        if (ofCall != null) {
            nanos = Math.min(nanos, ofCall.timeRemaining(TimeUnit.NANOSECONDS));
        }
        if (ofContext != null) {
            nanos = Math.min(nanos, ofContext.timeRemaining(TimeUnit.NANOSECONDS));
        }
        return nanos;
    }

    @Override
    public void start(Listener<R> responseListener, Metadata requestHeaders) {
        listener = responseListener;
        headers = requestHeaders;
    }

    @Override
    public void request(int numMessages) {
        // The one response message is empty and comes with the end of the stream.
    }

    @Override
    public void sendMessage(Q request) {
        try (InputStream bytes = method.streamRequest(request)) {
            message = bytes.readAllBytes();
        } catch (IOException | RuntimeException e) {
            fail(StreamRpcException.failure(
                    Reason.INTERNAL, "streamrpc client: marshal outgoing protobuf message: " + e.getMessage(), e));
        }
    }

    @Override
    public void halfClose() {
        context.addListener(onContextCancelled, Runnable::run);
        if (isClosed()) {
            return; // the message could not be written, or the context had ended before
        }
        CallCredentials credentials = options.getCredentials();
        if (credentials == null) {
            dial();
        } else {
            askCredentials(credentials);
        }
    }

    private void askCredentials(CallCredentials credentials) {
        MetadataApplier answer = new MetadataApplier();
        try {
            credentials.applyRequestMetadata(new RequestInfo(), config.executor(), answer);
        } catch (RuntimeException e) {
            answer.fail(Status.UNAUTHENTICATED
                    .withDescription("the credentials failed")
                    .withCause(e));
        }
        answer.limitTime();
    }

    private void contextEnded(Context ended) {
        Throwable cause = ended.cancellationCause();
        if (cause instanceof TimeoutException) {
            end(StreamRpcException.failure(
                    Reason.TIMEOUT, "streamrpc client: the deadline of the context is over", cause));
        } else {
            cancel("the context was cancelled", cause);
        }
    }

    @Override
    public void cancel(String why, Throwable cause) {
        String text = "streamrpc client: " + (why == null ? "cancelled" : why);
        end(StreamRpcException.failure(Reason.CANCELLED, text, cause));
    }

    private void end(StreamRpcException failure) {
        Optional<ClientHandshake> running;
        synchronized (this) {
            running = handshake;
        }
        running.ifPresent(h -> h.abort(failure));
        fail(failure);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private long nanosLeft() {
        return timeoutNanos - (System.nanoTime() - startNanos);
    }

    private void dial() {
        ByteBuffer request;
        try {
            byte[] json = new Request("/" + method.getFullMethodName(), message, MetadataCodec.toMap(headers)).toJson();
            request = Frame.encode(json);
        } catch (BadRequestException | TransportException e) {
            fail(StreamRpcException.failure(
                    Reason.LIMIT_EXCEEDED, "streamrpc client: marshal request json: " + e.getMessage(), e));
            return;
        }
        long left = nanosLeft();
        if (left <= 0) {
            fail(StreamRpcException.failure(Reason.TIMEOUT, "streamrpc client: dial: i/o timeout", null));
            return;
        }
        EventLoop loop = config.group().next();
        ClientHandshake running = new ClientHandshake(this, request, loop.nanoTime() + left);
        synchronized (this) {
            if (closed) {
                return;
            }
            handshake = Optional.of(running);
        }
        config.group()
                .connect(loop, config.endpoint(), running, Duration.ofNanos(left))
                .whenComplete((connection, failure) -> {
                    if (failure != null) {
                        TransportException why = TransportException.of("streamrpc client", failure);
                        fail(StreamRpcException.failure(
                                why.reason(), "streamrpc client: dial: " + why.getMessage(), why));
                    }
                });
    }

    // ---------------------------------------------------------------- told by the handshake, on the loop

    void accepted(Connection connection) {
        context.removeListener(onContextCancelled);
        tell(() -> listener.onHeaders(new Metadata()));
        connection.whenClosed(cause -> tellEnd(cause));
        exchange.handler().ifPresent(connection::handler);
        if (!exchange.result().complete(connection)) {
            connection.abort(TransportException.closed(connection + ": nobody waits for the stream any more"));
        }
    }

    private void tellEnd(TransportException cause) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Status status = cause.reason() == Reason.CLOSED
                ? Status.OK
                : StreamRpcException.failure(cause.reason(), cause.getMessage(), cause)
                        .status();
        tell(() -> {
            if (status.isOk()) {
                listener.onMessage(method.parseResponse(new ByteArrayInputStream(new byte[0])));
            }
            listener.onClose(status, new Metadata());
        });
    }

    /** The call got no stream. The first reason counts. Any thread. */
    void fail(StreamRpcException failure) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        context.removeListener(onContextCancelled);
        tell(() -> listener.onClose(failure.status(), new Metadata()));
    }

    private synchronized void tell(Runnable callback) {
        told = told.thenRunAsync(() -> runSafely(callback), this::runCallback);
    }

    private void runSafely(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a callback of a call to " + config.endpoint() + " failed", e);
        }
    }

    /** A callback that nobody runs would leave its caller waiting for ever, so a refusal only changes who runs it. */
    private void runCallback(Runnable callback) {
        try {
            callbacks.execute(callback);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the executor of a call to " + config.endpoint() + " is busy or closed", e);
            ForkJoinPool.commonPool().execute(callback);
        }
    }

    private final class RequestInfo extends CallCredentials.RequestInfo {
        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            return method;
        }

        @Override
        public CallOptions getCallOptions() {
            return options;
        }

        /** Credentials that demand privacy refuse where nothing is encrypted, as they should. */
        @Override
        public SecurityLevel getSecurityLevel() {
            return isEncrypted() ? SecurityLevel.PRIVACY_AND_INTEGRITY : SecurityLevel.NONE;
        }

        private boolean isEncrypted() {
            try {
                return config.endpoint()
                        .layer()
                        .filter(ConnectionLayer::isEncrypting)
                        .isPresent();
            } catch (TransportException e) {
                return false; // the layer is not installed: dialling will say so
            }
        }

        @Override
        public String getAuthority() {
            return config.endpoint().toString();
        }

        @Override
        public Attributes getTransportAttrs() {
            return Attributes.EMPTY;
        }
    }

    /** Takes the first answer of the credentials, whichever thread it comes from, if it comes in time. */
    private final class MetadataApplier extends CallCredentials.MetadataApplier {
        private final AtomicBoolean answered = new AtomicBoolean();

        /** Begins to wait for the answer, unless it is there. */
        void limitTime() {
            if (answered.get()) {
                return;
            }
            EventLoop loop = config.group().next();
            long deadlineNanos = loop.nanoTime() + nanosLeft();
            if (!loop.post(() -> loop.scheduleAt(deadlineNanos, this::timedOut))) {
                fail(Status.UNAVAILABLE.withDescription("the client is closed"));
            }
        }

        private void timedOut() {
            if (answered.compareAndSet(false, true)) {
                StreamClientCall.this.fail(StreamRpcException.failure(
                        Reason.TIMEOUT, "streamrpc client: add credentials: i/o timeout", null));
            }
        }

        @Override
        public void apply(Metadata credentials) {
            if (answered.compareAndSet(false, true)) {
                headers.merge(credentials);
                dial();
            }
        }

        @Override
        public void fail(Status status) {
            if (answered.compareAndSet(false, true)) {
                StreamClientCall.this.fail(StreamRpcException.of(
                        status.withDescription("streamrpc client: add credentials: " + StatusText.format(status))));
            }
        }
    }
}
