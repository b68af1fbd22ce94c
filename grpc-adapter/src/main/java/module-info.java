/** gRPC over Sluice: servers and channels on any connection, and authentication by shared secret. */
module dev.sluice.grpc {
    requires transitive dev.sluice.mux;
    requires transitive dev.sluice.nio;
    requires transitive io.grpc;
    requires io.grpc.internal;
    requires io.grpc.okhttp;

    exports dev.sluice.grpc;
}
