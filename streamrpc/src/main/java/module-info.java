/** Byte streams behind an RPC handshake: StreamRPC 00, server and client; and calls of JSON and bytes: the framed RPC. */
module dev.sluice.streamrpc {
    requires transitive dev.sluice.mux;
    requires transitive dev.sluice.nio;
    requires transitive io.grpc;
    requires com.fasterxml.jackson.core;
    requires static transitive com.fasterxml.jackson.databind;

    exports dev.sluice.streamrpc;
    exports dev.sluice.streamrpc.framed;
}
