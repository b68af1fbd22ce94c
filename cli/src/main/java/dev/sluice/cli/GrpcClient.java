package dev.sluice.cli;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sluice.cli.reflect.ServerReflection;
import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.PrintStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A gRPC client for methods that it knows by their descriptors. One thread. */
final class GrpcClient implements AutoCloseable {
    /** The last is what it looks like when a server does not speak gRPC. */
    private static final Set<Status.Code> SILENCE =
            Set.of(Status.Code.UNIMPLEMENTED, Status.Code.NOT_FOUND, Status.Code.UNAVAILABLE);

    private static final Set<Reason> CUT = Set.of(Reason.RESET, Reason.TRUNCATED);

    private final Target server;
    private final ManagedChannel channel;
    private final ServerReflection reflection;

    /** @param headers for every call, those to reflection included */
    GrpcClient(Target server, Metadata headers) {
        this.server = server;
        this.channel = Grpc.channelBuilder(server.dialled())
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
        this.reflection = new ServerReflection(channel);
    }

    /** Returns the full names of the methods of all services, in the services' order. */
    List<String> methods() throws CommandFailure {
        try {
            return reflection.services().stream()
                    .flatMap(name -> reflection.service(name).getMethods().stream())
                    .map(method -> method.getService().getFullName() + "/" + method.getName())
                    .toList();
        } catch (StatusRuntimeException e) {
            throw withHint(e);
        }
    }

    /** Asks the server for a method; empty if it does not know it, has no reflection, or does not seem to speak gRPC. */
    Optional<MethodDescriptor> find(String name) throws CommandFailure {
        try {
            return Optional.of(reflection.method(name));
        } catch (StatusRuntimeException e) {
            boolean unreachable = transportFailure(e)
                    .filter(cause -> !CUT.contains(cause.reason()))
                    .isPresent();
            if (unreachable || !SILENCE.contains(e.getStatus().getCode())) {
                throw withHint(e);
            }
            return Optional.empty();
        }
    }

    /** Asks the server for a method that it must know. */
    MethodDescriptor require(String name) throws CommandFailure {
        try {
            return reflection.method(name);
        } catch (StatusRuntimeException e) {
            throw withHint(e);
        }
    }

    /** Calls a method and prints what it answers, each message when it comes. */
    void call(MethodDescriptor method, byte[] request, PrintStream out) throws CommandFailure {
        String name = method.getService().getFullName() + "/" + method.getName();
        if (method.isClientStreaming()) {
            throw new CommandFailure(name + " takes a stream of messages, and this command sends one only");
        }
        MessageJson answers = new MessageJson(method.getOutputType());
        try {
            if (!method.isServerStreaming()) {
                byte[] answer = ClientCalls.blockingUnaryCall(
                        channel, RawMethod.of(name, MethodType.UNARY), CallOptions.DEFAULT, request);
                print(answers.show(answer), out);
                return;
            }
            Iterator<byte[]> messages = ClientCalls.blockingServerStreamingCall(
                    channel, RawMethod.of(name, MethodType.SERVER_STREAMING), CallOptions.DEFAULT, request);
            while (messages.hasNext()) {
                print(answers.show(messages.next()), out);
            }
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /** A stream may never end: it is not read on for nobody. */
    private static void print(String answer, PrintStream out) throws CommandFailure {
        out.println(answer);
        if (out.checkError()) {
            throw new CommandFailure("cannot write to standard output");
        }
    }

    /** Returns what to tell a person of a first call that failed. */
    private CommandFailure withHint(StatusRuntimeException e) {
        CommandFailure failure = failure(e);
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
                || transportFailure(e).isPresent()) {
            return failure;
        }
        return new CommandFailure(
                failure.getMessage() + "; does the server speak gRPC there, and "
                        + (TlsAddress.isTls(server.named()) ? "" : "no ") + "TLS?",
                e);
    }

    private CommandFailure failure(StatusRuntimeException e) {
        if (Thread.interrupted()) {
            return new CommandFailure("interrupted", e);
        }
        return transportFailure(e)
                .map(cause -> ConnectHint.addTo(cause, server))
                .orElseGet(
                        () -> new CommandFailure("the server refused: " + e.getMessage(), e)); // code and description
    }

    private static Optional<TransportException> transportFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportException transport) {
                return Optional.of(transport);
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
