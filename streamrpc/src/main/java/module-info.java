/** Byte streams behind an RPC handshake: StreamRPC 00, server and client. */
module dev.sluice.streamrpc {
    requires transitive dev.sluice.mux;
    requires transitive dev.sluice.nio;
    requires transitive io.grpc;
    requires com.fasterxml.jackson.core;

    exports dev.sluice.streamrpc;
}
