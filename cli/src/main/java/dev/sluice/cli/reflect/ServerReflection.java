package dev.sluice.cli.reflect;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ErrorResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;
import java.util.List;

/**
 * What a gRPC server tells of its services: by {@code grpc.reflection.v1}, or by {@code v1alpha}, whose messages are the same, if it does
 * not have that. All that fails throws {@link StatusRuntimeException}.
 *
 * <p><b>Threading:</b> one thread. Calls block.
 */
public final class ServerReflection {
    private static final String V1ALPHA = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

    private final Channel channel;
    private io.grpc.MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method =
            // Declared as a stream both ways; one question and its answer are enough.
            ServerReflectionGrpc.getServerReflectionInfoMethod().toBuilder()
                    .setType(MethodType.SERVER_STREAMING)
                    .build();

    /** @param channel stays the caller's */
    public ServerReflection(Channel channel) {
        this.channel = channel;
    }

    /** Returns the full names of the services, in order. */
    public List<String> services() {
        ServerReflectionResponse response =
                ask(ServerReflectionRequest.newBuilder().setListServices("").build());
        return response.getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .sorted()
                .toList();
    }

    /** Returns a service by its full name; throws {@code NOT_FOUND} if the server does not describe it. */
    public ServiceDescriptor service(String name) {
        List<ByteString> files = files(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(name)
                .build());
        return new DescribedFiles(this::file, files)
                .service(name)
                .orElseThrow(() -> notFound("the server does not describe a service " + name));
    }

    /**
     * Returns a method; throws {@code NOT_FOUND} if the server does not describe it.
     *
     * @param name {@code package.Service/Method}
     */
    public MethodDescriptor method(String name) {
        int slash = name.lastIndexOf('/');
        MethodDescriptor found = service(name.substring(0, slash)).findMethodByName(name.substring(slash + 1));
        if (found == null) {
            throw notFound("the service " + name.substring(0, slash) + " has no method " + name.substring(slash + 1));
        }
        return found;
    }

    private List<ByteString> file(String name) {
        return files(
                ServerReflectionRequest.newBuilder().setFileByFilename(name).build());
    }

    private List<ByteString> files(ServerReflectionRequest request) {
        return ask(request).getFileDescriptorResponse().getFileDescriptorProtoList();
    }

    private ServerReflectionResponse ask(ServerReflectionRequest request) {
        try {
            return answer(request);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED
                    || method.getFullMethodName().equals(V1ALPHA)) {
                throw e;
            }
            method = method.toBuilder().setFullMethodName(V1ALPHA).build();
            return answer(request);
        }
    }

    private ServerReflectionResponse answer(ServerReflectionRequest request) {
        Iterator<ServerReflectionResponse> answers =
                ClientCalls.blockingServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
        if (!answers.hasNext()) {
            throw Status.INTERNAL
                    .withDescription("the server's reflection does not answer")
                    .asRuntimeException();
        }
        ServerReflectionResponse response = answers.next();
        while (answers.hasNext()) {
            answers.next(); // to the end of the call
        }
        if (response.hasErrorResponse()) {
            ErrorResponse error = response.getErrorResponse();
            throw Status.fromCodeValue(error.getErrorCode())
                    .withDescription(error.getErrorMessage())
                    .asRuntimeException();
        }
        return response;
    }

    private static StatusRuntimeException notFound(String text) {
        return Status.NOT_FOUND.withDescription(text).asRuntimeException();
    }
}
