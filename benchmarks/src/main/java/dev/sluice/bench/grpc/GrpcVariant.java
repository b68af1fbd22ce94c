package dev.sluice.bench.grpc;

import java.util.Comparator;

/** A server as it is measured. Sorted so that those stand together that are compared. */
record GrpcVariant(GrpcPeer peer, ExecutorPolicy executor) implements Comparable<GrpcVariant> {
    private static final Comparator<GrpcVariant> ORDER =
            Comparator.comparing(GrpcVariant::executor).thenComparing(GrpcVariant::peer);

    /** Returns the name for people. */
    String label() {
        return peer.label() + ", " + executor.label();
    }

    @Override
    public int compareTo(GrpcVariant other) {
        return ORDER.compare(this, other);
    }
}
