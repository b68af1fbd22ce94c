/** One port for many protocols: detection by the first bytes, and the server that stands on it. */
module dev.sluice.mux {
    requires transitive dev.sluice.nio;
    requires static io.grpc;

    exports dev.sluice.mux;
}
