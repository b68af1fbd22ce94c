package dev.sluice.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A name that a call has in the logs of all servers that it runs through. The server takes the client's from a metadata key if it is one, 1 to
 * {@value #MAX_LENGTH} visible ASCII characters, or makes a new one; puts it into the gRPC context and the response's headers; and
 * calls that are made in that context carry it on, through {@link #forClients()}. Serves gRPC and StreamRPC alike, of which the latter has no
 * response headers.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class CorrelationId implements ServerInterceptor {
    /** The metadata key unless another is given. */
    public static final String DEFAULT_METADATA_KEY = "x-correlation-id";

    /** Characters that an identifier has at most. */
    public static final int MAX_LENGTH = 64;

    static final Context.Key<String> CURRENT = Context.key("dev.sluice.correlation-id");

    private final Metadata.Key<String> metadataKey;

    private CorrelationId(String metadataKey) {
        this.metadataKey = Metadata.Key.of(metadataKey, Metadata.ASCII_STRING_MARSHALLER);
    }

    /** Returns an interceptor that uses {@value #DEFAULT_METADATA_KEY}. */
    public static CorrelationId create() {
        return in(DEFAULT_METADATA_KEY);
    }

    /**
     * Returns an interceptor that uses another key.
     *
     * @throws IllegalArgumentException if gRPC does not allow it
     */
    public static CorrelationId in(String metadataKey) {
        return new CorrelationId(metadataKey);
    }

    /** Returns the identifier of the call that the current context belongs to. */
    public static Optional<String> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String given = headers.get(metadataKey);
        String id = given != null && isValid(given) ? given : newId();
        return Contexts.interceptCall(
                Context.current().withValue(CURRENT, id), new AnsweringCall<>(call, metadataKey, id), headers, next);
    }

    private static boolean isValid(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /** Unique, and no secret. */
    private static String newId() {
        HexFormat hex = HexFormat.of();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    /** Says the identifier in what it sends first. */
    private static final class AnsweringCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final Metadata.Key<String> metadataKey;
        private final String id;
        private boolean answered;

        AnsweringCall(ServerCall<Q, R> call, Metadata.Key<String> metadataKey, String id) {
            super(call);
            this.metadataKey = metadataKey;
            this.id = id;
        }

        private void answer(Metadata metadata) {
            if (!answered) {
                answered = true;
                metadata.discardAll(metadataKey);
                metadata.put(metadataKey, id);
            }
        }

        @Override
        public void sendHeaders(Metadata headers) {
            answer(headers);
            super.sendHeaders(headers);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            answer(trailers);
            super.close(status, trailers);
        }
    }

    /** Returns the client's side: puts the current context's identifier, if there is one, into calls that do not have one yet. */
    public ClientInterceptor forClients() {
        return new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                ClientCall<Q, R> call = next.newCall(method, options);
                return current()
                        .<ClientCall<Q, R>>map(id -> new CarryingCall<>(call, metadataKey, id))
                        .orElse(call);
            }
        };
    }

    private static final class CarryingCall<Q, R> extends SimpleForwardingClientCall<Q, R> {
        private final Metadata.Key<String> metadataKey;
        private final String id;

        CarryingCall(ClientCall<Q, R> call, Metadata.Key<String> metadataKey, String id) {
            super(call);
            this.metadataKey = metadataKey;
            this.id = id;
        }

        @Override
        public void start(Listener<R> listener, Metadata headers) {
            if (!headers.containsKey(metadataKey)) {
                headers.put(metadataKey, id);
            }
            super.start(listener, headers);
        }
    }
}
