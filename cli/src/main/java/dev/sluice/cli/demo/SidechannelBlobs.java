package dev.sluice.cli.demo;

import com.google.protobuf.Empty;
import com.google.protobuf.Int64Value;
import dev.sluice.grpc.Sidechannel;
import dev.sluice.nio.ByteStream;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes beside a call of gRPC, on its sidechannel: a file that is read, and one that is written. Thread-safe. */
final class SidechannelBlobs implements BindableService {
    /** Sends as many bytes from the beginning of the file as the request says. */
    static final MethodDescriptor<Int64Value, Empty> READ = MethodDescriptor.<Int64Value, Empty>newBuilder(
                    ProtoUtils.marshaller(Int64Value.getDefaultInstance()),
                    ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setType(MethodType.UNARY)
            .setFullMethodName("sluice.demo.SidechannelBlobs/Read")
            .build();

    /** Puts what comes until the client's end into a new file, and answers how many bytes that was. */
    static final MethodDescriptor<Empty, Int64Value> WRITE = MethodDescriptor.<Empty, Int64Value>newBuilder(
                    ProtoUtils.marshaller(Empty.getDefaultInstance()),
                    ProtoUtils.marshaller(Int64Value.getDefaultInstance()))
            .setType(MethodType.UNARY)
            .setFullMethodName("sluice.demo.SidechannelBlobs/Write")
            .build();

    private final Path file;
    private final Path written;

    /**
     * @param file what is read
     * @param written what is written, once at a time; whoever asked for it deletes it
     */
    SidechannelBlobs(Path file, Path written) {
        this.file = file;
        this.written = written;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder("sluice.demo.SidechannelBlobs")
                .addMethod(READ, ServerCalls.asyncUnaryCall(this::read))
                .addMethod(WRITE, ServerCalls.asyncUnaryCall(this::write))
                .build();
    }

    private void read(Int64Value count, StreamObserver<Empty> response) {
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ);
                ByteStream stream = Sidechannel.open()) {
            stream.transferFrom(source, 0, count.getValue());
        } catch (IOException e) {
            fail(response, e);
            return;
        }
        response.onNext(Empty.getDefaultInstance());
        response.onCompleted();
    }

    private void write(Empty request, StreamObserver<Int64Value> response) {
        long count;
        try (FileChannel target = FileChannel.open(written, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                ByteStream stream = Sidechannel.open()) {
            count = stream.transferTo(target, 0, Long.MAX_VALUE);
        } catch (IOException e) {
            fail(response, e);
            return;
        }
        response.onNext(Int64Value.of(count));
        response.onCompleted();
    }

    private static void fail(StreamObserver<?> response, IOException e) {
        response.onError(
                Status.INTERNAL.withDescription(e.getMessage()).withCause(e).asException());
    }
}
