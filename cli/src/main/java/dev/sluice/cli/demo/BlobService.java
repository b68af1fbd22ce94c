package dev.sluice.cli.demo;

import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes over gRPC, as messages: one that comes back, and a file as a stream of them. Thread-safe. */
final class BlobService implements BindableService {
    /** Sends the message back. */
    static final MethodDescriptor<BytesValue, BytesValue> ECHO = MethodDescriptor.<BytesValue, BytesValue>newBuilder(
                    ProtoUtils.marshaller(BytesValue.getDefaultInstance()),
                    ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
            .setType(MethodType.UNARY)
            .setFullMethodName("sluice.demo.Blobs/Echo")
            .build();

    /** Sends as many bytes from the beginning of the file as the request says. */
    static final MethodDescriptor<Int64Value, BytesValue> READ = MethodDescriptor.<Int64Value, BytesValue>newBuilder(
                    ProtoUtils.marshaller(Int64Value.getDefaultInstance()),
                    ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
            .setType(MethodType.SERVER_STREAMING)
            .setFullMethodName("sluice.demo.Blobs/Read")
            .build();

    private static final Logger LOG = System.getLogger(BlobService.class.getName());
    private static final int MESSAGE_BYTES = 64 << 10;

    private final Path file;

    BlobService(Path file) {
        this.file = file;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder("sluice.demo.Blobs")
                .addMethod(ECHO, ServerCalls.asyncUnaryCall(BlobService::echo))
                .addMethod(READ, ServerCalls.asyncServerStreamingCall(this::read))
                .build();
    }

    private static void echo(BytesValue request, StreamObserver<BytesValue> response) {
        response.onNext(request);
        response.onCompleted();
    }

    private void read(Int64Value request, StreamObserver<BytesValue> response) {
        ServerCallStreamObserver<BytesValue> messages = (ServerCallStreamObserver<BytesValue>) response;
        try {
            FileChannel source = FileChannel.open(file, StandardOpenOption.READ);
            Sender sender = new Sender(source, request.getValue(), messages);
            messages.setOnCancelHandler(sender::closeSource);
            messages.setOnReadyHandler(sender::send);
        } catch (IOException e) {
            fail(messages, e);
        }
    }

    private static void fail(StreamObserver<BytesValue> messages, IOException e) {
        messages.onError(
                Status.INTERNAL.withDescription(e.getMessage()).withCause(e).asException());
    }

    /** Sends while there is room, and goes on when there is again. One thread at a time, as gRPC calls its listeners. */
    private static final class Sender {
        private final FileChannel source;
        private final long count;
        private final ServerCallStreamObserver<BytesValue> messages;
        private long sent;

        /** @param source is closed when all is sent, or nobody waits for it any more */
        Sender(FileChannel source, long count, ServerCallStreamObserver<BytesValue> messages) {
            this.source = source;
            this.count = count;
            this.messages = messages;
        }

        void send() {
            if (!source.isOpen()) {
                return;
            }
            try {
                while (sent < count && messages.isReady()) {
                    messages.onNext(next());
                }
                if (sent == count) {
                    source.close();
                    messages.onCompleted();
                }
            } catch (IOException e) {
                closeSource();
                fail(messages, e);
            }
        }

        private BytesValue next() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MESSAGE_BYTES, count - sent));
            int n = source.read(bytes, sent);
            if (n < 0) {
                throw new EOFException("the file ends after " + sent + " of " + count + " bytes");
            }
            sent += n;
            return BytesValue.of(UnsafeByteOperations.unsafeWrap(bytes.flip()));
        }

        void closeSource() {
            try {
                source.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "a file that was only read does not close", e);
            }
        }
    }
}
