package dev.sluice.cli.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The checks of gRPC over one wire, all on one connection, one after the other. One thread. */
final class GrpcChecks implements AutoCloseable {
    private static final int CALLS = 100;
    /** Well below what a message may have, and all calls together no more than a connection is glad to hold. */
    private static final long MAX_MESSAGE_BYTES = 64 << 10;
    /** As much as the echo: more shows nothing new. */
    private static final long MAX_STREAM_BYTES = 256 << 20;

    private static final long WARM_UP_BYTES = 16 << 20;

    private final Channels channels;
    private final Channel channel;
    private final Site site;
    private final CheckRunner runner;

    /** @param loops are to be closed after this */
    GrpcChecks(Endpoint server, EventLoopGroup loops, Site site) {
        this.channels = new Channels(loops);
        this.channel = channels.open(server);
        this.site = site;
        this.runner = new CheckRunner(server.scheme(), site.data());
    }

    void run(Consumer<Check> listener) throws IOException, InterruptedException {
        stream(WARM_UP_BYTES); // not counted: it measures how the JVM loads classes and compiles
        listener.accept(unary());
        listener.accept(health());
        listener.accept(concurrentCalls());
        listener.accept(stream(MAX_STREAM_BYTES));
    }

    private Check unary() throws IOException, InterruptedException {
        long bytes = Math.min(site.data().size(), MAX_MESSAGE_BYTES);
        return move("grpc-unary", bytes, (source, target) -> {
            BytesValue sent = read(source, 0, (int) bytes);
            write(target, ClientCalls.blockingUnaryCall(channel, BlobService.ECHO, CallOptions.DEFAULT, sent));
        });
    }

    private Check health() throws InterruptedException {
        return runner.ask("grpc-health", () -> {
            try {
                ServingStatus status = HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus();
                return status == ServingStatus.SERVING ? Optional.empty() : Optional.of("the server is " + status);
            } catch (StatusRuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
        });
    }

    /** Begins all calls before it waits for the first; each has a slice of its own. */
    private Check concurrentCalls() throws IOException, InterruptedException {
        int slice = (int) Math.min(site.data().size() / CALLS, MAX_MESSAGE_BYTES);
        return move("grpc-concurrent-calls", (long) CALLS * slice, (source, target) -> {
            List<Future<BytesValue>> running = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                running.add(ClientCalls.futureUnaryCall(
                        channel.newCall(BlobService.ECHO, CallOptions.DEFAULT), read(source, (long) i * slice, slice)));
            }
            for (Future<BytesValue> call : running) {
                write(target, answer(call));
            }
        });
    }

    private Check stream(long limit) throws IOException, InterruptedException {
        long bytes = Math.min(site.data().size(), limit);
        return move("grpc-stream", bytes, (source, target) -> {
            Iterator<BytesValue> messages = ClientCalls.blockingServerStreamingCall(
                    channel, BlobService.READ, CallOptions.DEFAULT, Int64Value.of(bytes));
            while (messages.hasNext()) {
                write(target, messages.next());
            }
        });
    }

    /** Moves from one file into another. */
    private interface Move {
        void run(FileChannel source, FileChannel target) throws IOException, InterruptedException;
    }

    private Check move(String name, long bytes, Move work) throws IOException, InterruptedException {
        Path received = site.received();
        return runner.move(name, bytes, received, () -> {
            try (FileChannel source = FileChannel.open(site.data().file(), StandardOpenOption.READ);
                    FileChannel target =
                            FileChannel.open(received, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                work.run(source, target);
            } catch (StatusRuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
        });
    }

    private static BytesValue answer(Future<BytesValue> call) throws IOException, InterruptedException {
        try {
            return call.get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "one of " + CALLS + " concurrent calls: " + e.getCause().getMessage(), e);
        }
    }

    private static BytesValue read(FileChannel source, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && source.read(bytes, position + bytes.position()) >= 0) {
            // until it is full, or the file ends
        }
        return BytesValue.of(ByteString.copyFrom(bytes.flip()));
    }

    private static void write(FileChannel target, BytesValue message) throws IOException {
        ByteBuffer bytes = message.getValue().asReadOnlyByteBuffer();
        while (bytes.hasRemaining()) {
            target.write(bytes);
        }
    }

    @Override
    public void close() {
        channels.close();
    }
}
