/**
 * The protocol buffer messages and services of Sluice: the annotations that say what an RPC does, to which
 * resource, and whether it is a byte stream; a stream echo for tests, and services to try peers with; the file service; streams of
 * messages for code that blocks.
 * For annotated files of one's own there are a linter ({@code dev.sluice.proto.lint}), which is a plugin of protoc, and a registry
 * of methods ({@code dev.sluice.proto.registry}), which reads from requests what the annotations promise.
 *
 * <p>The {@code .proto} files themselves lie at the root of the jar, for other files to import.
 */
module dev.sluice.proto {
    // The future stubs return Guava's ListenableFuture.
    requires transitive com.google.common;
    requires transitive com.google.protobuf;
    requires transitive io.grpc;
    requires io.grpc.protobuf;
    requires transitive io.grpc.stub;

    exports dev.sluice.proto.files.v1;
    exports dev.sluice.proto.gitaly;
    exports dev.sluice.proto.interop;
    exports dev.sluice.proto.lint;
    exports dev.sluice.proto.registry;
    exports dev.sluice.proto.resource;
    exports dev.sluice.proto.rpc;
    exports dev.sluice.proto.stream;
}
