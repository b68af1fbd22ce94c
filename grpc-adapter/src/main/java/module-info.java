/** gRPC over Sluice: servers and channels on any connection; interceptors for authentication, metrics and logs, of StreamRPC, too. */
module dev.sluice.grpc {
    requires transitive dev.sluice.mux;
    requires transitive dev.sluice.nio;
    requires transitive dev.sluice.yamux;
    requires transitive io.grpc;
    requires io.grpc.internal;
    requires io.grpc.okhttp;
    requires okio;
    requires static org.slf4j;
    requires static transitive micrometer.core;

    exports dev.sluice.grpc;
}
