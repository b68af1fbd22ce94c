package dev.sluice.grpc;

import dev.sluice.grpc.HmacTokens.Verdict;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lets calls through whose first {@code authorization} is {@code Bearer} and a good token of {@link HmacTokens}. The others end before
 * their method runs: with UNAUTHENTICATED if there is no token, with PERMISSION_DENIED if there is a bad one. Serves gRPC and
 * StreamRPC alike.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class HmacAuthentication implements ServerInterceptor {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    static final String SCHEME = "Bearer";

    private static final Status UNAUTHENTICATED = Status.UNAUTHENTICATED.withDescription("authentication required");
    private static final Status DENIED = Status.PERMISSION_DENIED.withDescription("permission denied");

    private final HmacTokens tokens;
    private final boolean enforced;
    private final Map<Verdict, LongAdder> verdicts = new EnumMap<>(Verdict.class);
    private final LongAdder absent = new LongAdder();

    private HmacAuthentication(HmacTokens tokens, boolean enforced) {
        this.tokens = Objects.requireNonNull(tokens, "tokens");
        this.enforced = enforced;
        for (Verdict verdict : Verdict.values()) {
            verdicts.put(verdict, new LongAdder());
        }
    }

    /** Returns an interceptor that refuses calls without a good token. */
    public static HmacAuthentication enforcing(HmacTokens tokens) {
        return new HmacAuthentication(tokens, true);
    }

    /** Returns an interceptor that refuses nobody and counts whom it would: for the time until all clients have the secret. */
    public static HmacAuthentication counting(HmacTokens tokens) {
        return new HmacAuthentication(tokens, false);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Status status = judge(headers);
        if (status.isOk() || !enforced) {
            return next.startCall(call, headers);
        }
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private Status judge(Metadata headers) {
        Optional<String> token = tokenOf(headers);
        if (token.isEmpty()) {
            absent.increment();
            return UNAUTHENTICATED;
        }
        Verdict verdict = tokens.verify(token.get());
        verdicts.get(verdict).increment();
        return switch (verdict) {
            case OK -> Status.OK;
            case MALFORMED -> UNAUTHENTICATED;
            case UNKNOWN_VERSION, WRONG_SIGNATURE, UNREADABLE_TIME, TOO_OLD, TOO_NEW -> DENIED;
        };
    }

    /** The first value counts: a proxy in front may have added another. */
    private static Optional<String> tokenOf(Metadata headers) {
        Iterable<String> values = headers.getAll(AUTHORIZATION);
        if (values == null) {
            return Optional.empty();
        }
        String first = values.iterator().next();
        int blank = first.indexOf(' ');
        return blank >= 0 && first.substring(0, blank).equalsIgnoreCase(SCHEME)
                ? Optional.of(first.substring(blank + 1))
                : Optional.empty();
    }

    /** Returns whether calls are refused, and not only counted. */
    public boolean isEnforced() {
        return enforced;
    }

    /** Returns how many calls had no token. */
    public long absent() {
        return absent.sum();
    }

    /** Returns how many tokens were judged so. */
    public long count(Verdict verdict) {
        return verdicts.get(verdict).sum();
    }
}
