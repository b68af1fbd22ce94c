package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.RoundResults;
import java.util.List;

/** What all rounds yielded. Not thread-safe. */
final class GrpcResults extends RoundResults<GrpcVariant, GrpcTest> {
    /** Returns the servers that others are compared to; none for one of those. */
    List<GrpcVariant> references(GrpcVariant server) {
        return servers().stream()
                .filter(other -> other.peer().isReference()
                        && !server.peer().isReference()
                        && other.executor() == server.executor())
                .toList();
    }
}
