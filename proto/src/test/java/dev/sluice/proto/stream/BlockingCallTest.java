package dev.sluice.proto.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends, joined by gRPC's transport within a process. */
class BlockingCallTest {
    private static final MethodDescriptor<BytesValue, BytesValue> DOWN = method("Down", MethodType.SERVER_STREAMING);
    private static final MethodDescriptor<BytesValue, BytesValue> UP = method("Up", MethodType.CLIENT_STREAMING);
    private static final MethodDescriptor<BytesValue, BytesValue> BOTH = method("Both", MethodType.BIDI_STREAMING);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingMethods methods = new BlockingMethods(threads, Duration.ZERO);
    private final AtomicInteger running = new AtomicInteger();
    /** What {@link #DOWN} does. */
    private BlockingMethods.ServerStreaming<BytesValue> download = responses -> {};
    /** What the others do. */
    private BlockingMethods.ClientStreaming<BytesValue, BytesValue> body = (requests, responses) -> {};

    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .addService(ServerServiceDefinition.builder("test.Streams")
                        .addMethod(DOWN, ServerCalls.asyncServerStreamingCall(this::down))
                        .addMethod(UP, ServerCalls.asyncClientStreamingCall(this::up))
                        .addMethod(BOTH, ServerCalls.asyncBidiStreamingCall(this::up))
                        .build())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS))
                .as("no thread is left behind")
                .isTrue();
    }

    private static MethodDescriptor<BytesValue, BytesValue> method(String name, MethodType type) {
        return MethodDescriptor.<BytesValue, BytesValue>newBuilder(
                        ProtoUtils.marshaller(BytesValue.getDefaultInstance()),
                        ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
                .setType(type)
                .setFullMethodName("test.Streams/" + name)
                .build();
    }

    private void down(BytesValue request, StreamObserver<BytesValue> responses) {
        methods.<BytesValue>serverStreaming(responses, sender -> counted(() -> download.run(sender)));
    }

    private StreamObserver<BytesValue> up(StreamObserver<BytesValue> responses) {
        return methods.<BytesValue, BytesValue>clientStreaming(
                responses, (receiver, sender) -> counted(() -> body.run(receiver, sender)));
    }

    private interface Body {
        void run() throws IOException, io.grpc.StatusException;
    }

    private void counted(Body work) throws IOException, StatusException {
        running.incrementAndGet();
        try {
            work.run();
        } finally {
            running.decrementAndGet();
        }
    }

    private BlockingCall<BytesValue, BytesValue> call(MethodDescriptor<BytesValue, BytesValue> method) {
        return BlockingCall.start(observer -> begin(method, observer));
    }

    private void begin(
            MethodDescriptor<BytesValue, BytesValue> method, ClientResponseObserver<BytesValue, BytesValue> observer) {
        var call = channel.newCall(method, CallOptions.DEFAULT);
        switch (method.getType()) {
            case SERVER_STREAMING -> ClientCalls.asyncServerStreamingCall(call, message(0), observer);
            case CLIENT_STREAMING -> ClientCalls.asyncClientStreamingCall(call, observer);
            default -> ClientCalls.asyncBidiStreamingCall(call, observer);
        }
    }

    private static BytesValue message(int size) {
        return BytesValue.of(ByteString.copyFrom(new byte[size]));
    }

    private static Status failureOf(ThrowingCallable work) {
        CompletableFuture<Status> status = new CompletableFuture<>();
        assertThatThrownBy(work).isInstanceOfSatisfying(MessageStreamException.class, e -> status.complete(e.status()));
        return status.join();
    }

    @Test
    void shouldMoveBytesBothWays() throws IOException {
        body = (requests, responses) -> {
            MessageInputStream in = new MessageInputStream(() -> requests.next().map(BytesValue::getValue));
            in.transferTo(new MessageOutputStream(responses, BytesValue::of));
        };
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        try (BlockingCall<BytesValue, BytesValue> call = call(BOTH)) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                try {
                    new MessageOutputStream(call.requests(), BytesValue::of).write(bytes);
                    call.requests().complete();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            MessageInputStream in =
                    new MessageInputStream(() -> call.responses().next().map(BytesValue::getValue));

            assertThat(in.readAllBytes()).isEqualTo(bytes);
            writer.join();
        }
    }

    @Test
    void shouldEndAtOnceWhenTheStreamIsEmpty() throws IOException {
        try (BlockingCall<BytesValue, BytesValue> call = call(DOWN)) {
            assertThat(call.responses().next()).isEmpty();
            assertThat(call.responses().next()).isEmpty();
        }
        body = (requests, responses) -> {
            assertThat(requests.next()).isEmpty();
            responses.send(message(3));
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(UP)) {
            assertThat(call.response()).isEqualTo(message(3));
        }
    }

    @Test
    void shouldHoldTheServerBackWhileTheClientDoesNotRead() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        download = responses -> {
            for (int i = 0; i < 1000; i++) {
                responses.send(message(1));
                sent.incrementAndGet();
            }
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(DOWN)) {
            await().until(() -> sent.get() >= 4);
            assertThat(sent).as("what was asked for, and no more").hasValue(4);
            for (int i = 0; i < 1000; i++) {
                assertThat(call.responses().next()).isPresent();
            }
            assertThat(call.responses().next()).isEmpty();
        }
        assertThat(sent).hasValue(1000);
    }

    @Test
    void shouldHoldTheClientBackWhileTheServerDoesNotRead() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        body = (requests, responses) -> {
            go.join();
            int count = 0;
            while (requests.next().isPresent()) {
                count++;
            }
            responses.send(message(count));
        };
        AtomicInteger sent = new AtomicInteger();
        try (BlockingCall<BytesValue, BytesValue> call = call(UP)) {
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 1000; i++) {
                        call.requests().send(message(1));
                        sent.incrementAndGet();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            await().until(() -> writer.getState() == Thread.State.TIMED_WAITING && sent.get() >= 4);
            assertThat(sent).as("what was asked for, and no more").hasValue(4);

            go.complete(null);
            writer.join();
            assertThat(call.response()).isEqualTo(message(1000));
        }
    }

    @Test
    void shouldFreeTheServersThreadWhenTheClientGoes() throws Exception {
        download = responses -> {
            while (true) {
                responses.send(message(1));
            }
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(DOWN)) {
            assertThat(call.responses().next()).isPresent();
            assertThat(running).hasValue(1);
        }
        await().until(() -> running.get() == 0);

        body = (requests, responses) -> {
            while (true) {
                requests.next();
            }
        };
        BlockingCall<BytesValue, BytesValue> up = call(UP);
        await().until(() -> running.get() == 1);
        up.close();
        await().until(() -> running.get() == 0);
    }

    @Test
    void shouldLetTheMethodSeeTheCallsContext() throws Exception {
        CompletableFuture<Context> context = new CompletableFuture<>();
        body = (requests, responses) -> {
            context.complete(Context.current());
            requests.next();
        };
        BlockingCall<BytesValue, BytesValue> up = call(UP);
        assertThat(context.get().isCancelled()).isFalse();
        up.close();
        await().until(() -> context.get().isCancelled());
    }

    @Test
    void shouldFreeTheClientsThreadsWhenItIsClosed() throws Exception {
        body = (requests, responses) -> {
            while (requests.next().isPresent()) {
                // It never answers.
            }
        };
        BlockingCall<BytesValue, BytesValue> call = call(BOTH);
        CompletableFuture<Status> writer = CompletableFuture.supplyAsync(() -> failureOf(() -> {
            while (true) {
                call.requests().send(message(1));
            }
        }));
        CompletableFuture<Status> reader = CompletableFuture.supplyAsync(
                () -> failureOf(() -> call.responses().next()));

        call.close();

        assertThat(writer.join().getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(reader.join().getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    @Test
    void shouldTellTheWriterWhyWhenTheServerRefuses() {
        body = (requests, responses) -> {
            requests.next();
            throw Status.PERMISSION_DENIED.withDescription("not you").asException();
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(UP)) {
            Status refusal = failureOf(() -> {
                while (true) {
                    call.requests().send(message(1));
                }
            });

            assertThat(refusal.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refusal.getDescription()).isEqualTo("not you");
            assertThat(failureOf(call::response).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
    }

    @Test
    void shouldStopTheWriterWhenTheServerHasHeardEnough() throws IOException {
        body = (requests, responses) -> {
            requests.next();
            responses.send(message(7));
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(UP)) {
            Status end = failureOf(() -> {
                while (true) {
                    call.requests().send(message(1));
                }
            });

            assertThat(end.getDescription()).isEqualTo("the peer ended the call before all was sent");
            assertThat(call.response()).isEqualTo(message(7));
        }
    }

    @Test
    void shouldNotLookLikeAnEndWhenTheClientsWriterDies() throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        body = (requests, responses) -> {
            try {
                while (requests.next().isPresent()) {}
                seen.complete(new AssertionError("an orderly end"));
            } catch (IOException e) {
                seen.complete(e);
            }
        };
        assertThatThrownBy(() -> {
                    try (BlockingCall<BytesValue, BytesValue> call = call(UP);
                            MessageOutputStream out = new MessageOutputStream(call.requests(), BytesValue::of)) {
                        out.write(1);
                        throw new IllegalStateException("dies");
                    }
                })
                .hasMessage("dies");

        assertThat(seen.get()).isInstanceOf(MessageStreamException.class);
    }

    @Test
    void shouldDeliverTheDataBeforeTheServersFailure() throws IOException {
        download = responses -> {
            responses.send(message(1));
            responses.send(message(2));
            throw Status.DATA_LOSS.asException();
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(DOWN)) {
            assertThat(call.responses().next()).contains(message(1));
            assertThat(call.responses().next()).contains(message(2));
            assertThat(failureOf(() -> call.responses().next()).getCode()).isEqualTo(Status.Code.DATA_LOSS);
        }
    }

    @Test
    void shouldReadWhatABlockingStubReturns() throws IOException {
        download = responses -> {
            responses.send(message(1));
            throw Status.DATA_LOSS.withDescription("no more").asException();
        };
        Iterator<BytesValue> responses =
                ClientCalls.blockingServerStreamingCall(channel, DOWN, CallOptions.DEFAULT, message(0));
        MessageSource<BytesValue> source = MessageSource.of(responses);

        assertThat(source.next()).contains(message(1));
        assertThatThrownBy(source::next)
                .isInstanceOf(MessageStreamException.class)
                .hasMessage("DATA_LOSS: no more")
                .hasCauseInstanceOf(StatusRuntimeException.class);
        download = nothing -> {};
        assertThat(MessageSource.of(
                                ClientCalls.blockingServerStreamingCall(channel, DOWN, CallOptions.DEFAULT, message(0)))
                        .next())
                .isEqualTo(Optional.empty());
    }

    @Test
    void shouldInsistOnOneResponse() {
        body = (requests, responses) -> {};
        try (BlockingCall<BytesValue, BytesValue> call = call(BOTH)) {
            assertThat(failureOf(call::response).getDescription()).isEqualTo("expected one response, got none");
        }
        body = (requests, responses) -> {
            responses.send(message(1));
            responses.send(message(2));
        };
        try (BlockingCall<BytesValue, BytesValue> call = call(BOTH)) {
            assertThat(failureOf(call::response).getDescription()).isEqualTo("expected one response, got more");
        }
    }

    @Test
    void shouldSayThatTheMethodWasNotCalled() {
        assertThatThrownBy(() -> BlockingCall.<BytesValue, BytesValue>start(observer -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
