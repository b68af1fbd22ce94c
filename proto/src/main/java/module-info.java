/**
 * The protocol buffer messages and services of Sluice: the annotations that say what an RPC does, to which
 * resource, and whether it is a byte stream; a stream echo for tests; the file service; streams of messages for code that blocks.
 * A linter ({@code dev.sluice.proto.lint}), a plugin of protoc, looks after annotated files of one's own.
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
    exports dev.sluice.proto.lint;
    exports dev.sluice.proto.resource;
    exports dev.sluice.proto.rpc;
    exports dev.sluice.proto.stream;
}
