package dev.sluice.grpc;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.util.Objects;
import java.util.concurrent.Executor;

/** Sends a fresh token of {@link HmacTokens} with each call, of gRPC and of StreamRPC. Thread-safe. */
public final class HmacCredentials extends CallCredentials {
    private final HmacTokens tokens;

    /** Creates the credentials of clients that share the secret. */
    public HmacCredentials(HmacTokens tokens) {
        this.tokens = Objects.requireNonNull(tokens, "tokens");
    }

    @Override
    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
        Metadata metadata = new Metadata();
        metadata.put(HmacAuthentication.AUTHORIZATION, HmacAuthentication.SCHEME + " " + tokens.issue());
        applier.apply(metadata); // a few microseconds: not worth another thread
    }
}
