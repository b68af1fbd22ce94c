package dev.sluice.cli.serve;

import dev.sluice.proto.rpc.RpcProto;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

/** Tells a client that calls a byte stream over gRPC how to call it instead. Thread-safe. */
final class StreamMethods implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        MethodDescriptor<Q, R> method = call.getMethodDescriptor();
        if (!isByteStream(method)) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.UNIMPLEMENTED.withDescription(method.getFullMethodName()
                        + " is a byte stream, which gRPC does not carry: call it by StreamRPC, on the same port"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static boolean isByteStream(MethodDescriptor<?, ?> method) {
        return method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema
                && schema.getMethodDescriptor().getOptions().getExtension(RpcProto.byteStream);
    }
}
