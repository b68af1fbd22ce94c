package dev.sluice.proto.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server's calls, whose peer gives room and messages as a test wants. */
class PacedMessagesTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingMethods methods = new BlockingMethods(threads, Duration.ZERO);
    private final FakeCall<String> call = new FakeCall<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Runs a body that sends; the future ends with it. */
    private Future<Void> serve(BlockingMethods.ServerStreaming<String> body) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        methods.serverStreaming(call, sender -> {
            try {
                body.run(sender);
                done.complete(null);
            } catch (IOException | StatusException | RuntimeException e) {
                done.completeExceptionally(e);
                throw e;
            }
        });
        return done;
    }

    private static void sendNumbers(MessageSink<String> sink, String prefix, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            sink.send(prefix + i);
        }
    }

    private static Throwable failureOf(Future<?> future) throws InterruptedException {
        try {
            future.get();
            throw new AssertionError("did not fail");
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private Status ending() {
        await().until(() -> !call.failures.isEmpty());
        assertThat(call.failures).hasSize(1);
        assertThat(call.completions).hasValue(0);
        return Status.fromThrowable(call.failures.get(0));
    }

    @Test
    void shouldSendNoMoreThanThereIsRoomFor() throws Exception {
        Future<Void> done = serve(sender -> sendNumbers(sender, "", 10));
        for (int room = 1; room <= 10; room++) {
            call.makeRoom(1);
            int expected = room;
            await().until(() -> call.sent.size() == expected);
            assertThat(call.isReady()).isFalse();
        }
        done.get();
        await().until(() -> call.completions.get() == 1);
        assertThat(call.failures).isEmpty();
        assertThat(call.sent).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void shouldLetWritersTakeTurnsAndKeepEachOnesOrder() throws Exception {
        Future<Void> done = serve(sender -> {
            Future<?> out = threads.submit(() -> write(sender, "out"));
            Future<?> err = threads.submit(() -> write(sender, "err"));
            join(out);
            join(err);
        });
        for (int i = 0; i < 40; i++) {
            call.makeRoom(1);
        }
        done.get();

        assertThat(call.sent).hasSize(40);
        assertThat(of("out")).isEqualTo(numbers("out"));
        assertThat(of("err")).isEqualTo(numbers("err"));
    }

    private static Void write(MessageSender<String> sender, String name) throws IOException {
        MessageOutputStream stream = new MessageOutputStream(sender, bytes -> name + bytes.toStringUtf8());
        for (int i = 0; i < 20; i++) {
            stream.write(String.valueOf(i).getBytes(StandardCharsets.UTF_8));
        }
        return null;
    }

    private static void join(Future<?> writer) throws IOException {
        try {
            writer.get();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    private List<String> of(String writer) {
        return call.sent.stream().filter(message -> message.startsWith(writer)).toList();
    }

    private static List<String> numbers(String prefix) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(prefix + i);
        }
        return all;
    }

    @Test
    void shouldNotLetOneWriterStarveTheOther() throws Exception {
        CompletableFuture<MessageSender<String>> opened = new CompletableFuture<>();
        Future<Void> done = serve(sender -> {
            opened.complete(sender);
            sendNumbers(sender, "greedy", 1000);
        });
        MessageSender<String> sender = opened.get();
        Thread modest = new Thread(() -> {
            try {
                sender.send("modest");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        modest.start(); // queues behind the greedy one, who waits for room
        await().until(() -> modest.getState() == Thread.State.WAITING);
        call.makeRoom(1000);
        await().until(() -> call.sent.contains("modest"));
        call.makeRoom(1);
        done.get();

        assertThat(call.sent.indexOf("modest")).isLessThan(3);
    }

    @Test
    void shouldFreeEveryWriterWhenTheClientCancels() throws Exception {
        CompletableFuture<Future<?>> second = new CompletableFuture<>();
        Future<Void> first = serve(sender -> {
            second.complete(threads.submit(() -> write(sender, "second")));
            sendNumbers(sender, "first", 10);
        });
        second.get();
        call.cancelByPeer();

        assertThat(failureOf(first))
                .isInstanceOf(MessageStreamException.class)
                .hasMessageContaining("client cancelled");
        assertThat(failureOf(second.get())).isInstanceOf(MessageStreamException.class);
        assertThat(call.sent).isEmpty();
        assertThat(call.failures).as("nobody is there to be told").isEmpty();
        assertThat(call.completions).hasValue(0);
    }

    @Test
    void shouldEndTheCallForAllWhenAWriterDies() throws Exception {
        CompletableFuture<Future<?>> other = new CompletableFuture<>();
        methods.<String>serverStreaming(call, sender -> {
            other.complete(threads.submit(() -> write(sender, "other")));
            throw Status.DATA_LOSS.withDescription("the disk is gone").asException();
        });

        assertThat(ending())
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(Status.Code.DATA_LOSS, "the disk is gone");
        assertThat(failureOf(other.get()))
                .isInstanceOf(MessageStreamException.class)
                .hasMessage("DATA_LOSS: the disk is gone");
    }

    @Test
    void shouldFreeAWriterThatIsLeftBehindWhenTheMethodReturns() throws Exception {
        call.makeRoom(1);
        CompletableFuture<MessageSender<String>> opened = new CompletableFuture<>();
        serve(opened::complete).get();
        await().until(() -> call.completions.get() == 1);

        MessageSender<String> sender = opened.get();
        assertThatThrownBy(() -> sender.send("late")).isInstanceOf(IllegalStateException.class);
        sender.complete(); // again
        assertThat(call.completions).hasValue(1);
        assertThat(call.sent).isEmpty();
    }

    @Test
    void shouldPassOnTheTrailersOfAFailure() {
        Metadata.Key<String> key = Metadata.Key.of("k", Metadata.ASCII_STRING_MARSHALLER);
        Metadata trailers = new Metadata();
        trailers.put(key, "v");
        methods.<String>serverStreaming(call, sender -> {
            throw new StatusException(Status.NOT_FOUND, trailers);
        });

        assertThat(ending().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(Status.trailersFromThrowable(call.failures.get(0)).get(key)).isEqualTo("v");
    }

    @Test
    void shouldKeepItsSecretsWhenItFailsUnexpectedly() {
        methods.<String>serverStreaming(call, sender -> {
            throw new IOException("/secret/path");
        });

        Status status = ending();
        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).isEqualTo("the method failed");
    }

    @Test
    void shouldBlameTheClientForAMalformedStream() {
        methods.<String>serverStreaming(call, sender -> {
            throw new ProtocolException("data before the header");
        });

        assertThat(ending())
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(Status.Code.INVALID_ARGUMENT, "data before the header");
    }

    @Test
    void shouldRefuseACallWhenThereIsNoThread() {
        new BlockingMethods(task -> {
                    throw new RejectedExecutionException();
                })
                .serverStreaming(call, sender -> sender.send("never"));

        assertThat(ending().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void shouldEndACallWhosePeerTakesNothing() throws Exception {
        BlockingMethods impatient = new BlockingMethods(threads, Duration.ofMillis(20));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        impatient.serverStreaming(call, sender -> {
            try {
                sender.send("never");
            } catch (IOException e) {
                failure.complete(e);
                throw e;
            }
        });

        assertThat(ending().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(failure.get()).hasMessageContaining("the peer took no message for PT0.02S");
    }

    @Test
    void shouldEndACallWhosePeerSendsNothing() {
        new BlockingMethods(threads, Duration.ofMillis(20))
                .clientStreaming(call, (requests, sender) -> requests.next());

        assertThat(ending())
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(Status.Code.DEADLINE_EXCEEDED, "the peer sent no message for PT0.02S");
    }

    @Test
    void shouldAskForNoMoreThanFourMessagesAheadOfItsReader() throws Exception {
        CompletableFuture<MessageReceiver<String>> opened = new CompletableFuture<>();
        CompletableFuture<Void> end = new CompletableFuture<>();
        StreamObserver<String> requests = methods.clientStreaming(call, (receiver, sender) -> {
            opened.complete(receiver);
            end.join();
        });
        MessageReceiver<String> receiver = opened.get();
        assertThat(call.requested).hasValue(4);

        for (int i = 0; i < 100; i++) {
            requests.onNext("" + i);
            assertThat(receiver.next()).contains("" + i);
            assertThat(call.requested).hasValue(5 + i);
        }
        for (int i = 0; i < 4; i++) {
            requests.onNext("more");
        }
        assertThat(call.requested).as("while nobody reads").hasValue(104);
        end.complete(null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDeliverWhatCameBeforeTheEnd(boolean cancelled) throws Exception {
        List<String> received = new ArrayList<>();
        CompletableFuture<Void> begin = new CompletableFuture<>();
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        StreamObserver<String> requests = methods.clientStreaming(call, (receiver, sender) -> {
            begin.join();
            try {
                for (Optional<String> next = receiver.next(); next.isPresent(); next = receiver.next()) {
                    received.add(next.get());
                }
                assertThat(receiver.next()).as("again").isEmpty();
                end.complete(null);
            } catch (IOException e) {
                end.complete(e);
            }
        });
        requests.onNext("a");
        requests.onNext("b");
        if (cancelled) {
            call.cancelByPeer();
            requests.onError(Status.CANCELLED.asRuntimeException());
        } else {
            requests.onCompleted();
        }
        begin.complete(null);

        if (cancelled) {
            assertThat(end.get()).isInstanceOf(MessageStreamException.class);
        } else {
            assertThat(end.get()).isNull();
        }
        assertThat(received).containsExactly("a", "b");
    }

    @Test
    void shouldFreeAReaderWhenTheClientCancels() throws Exception {
        CompletableFuture<Thread> reader = new CompletableFuture<>();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        StreamObserver<String> requests = methods.clientStreaming(call, (receiver, sender) -> {
            reader.complete(Thread.currentThread());
            try {
                receiver.next();
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        await().until(() -> reader.get().getState() == Thread.State.TIMED_WAITING);

        call.cancelByPeer();
        requests.onError(Status.CANCELLED.asRuntimeException());

        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        MessageStreamException.class,
                        e -> assertThat(e.status().getCode()).isEqualTo(Status.Code.CANCELLED));
    }

    @Test
    void shouldKeepNothingThatComesAfterTheMethodHasEnded() {
        StreamObserver<String> requests = methods.clientStreaming(call, (receiver, sender) -> {
            throw Status.PERMISSION_DENIED.asException();
        });
        assertThat(ending().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);

        requests.onNext("late");
        requests.onCompleted();

        assertThat(call.requested).hasValue(4);
    }

    @Test
    void shouldStopWaitingWhenInterrupted() throws Exception {
        CompletableFuture<Thread> writer = new CompletableFuture<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Future<Void> done = serve(sender -> {
            writer.complete(Thread.currentThread());
            try {
                sender.send("never");
            } finally {
                flag.complete(Thread.interrupted());
            }
        });
        await().until(() -> writer.get().getState() == Thread.State.TIMED_WAITING);

        writer.get().interrupt();

        assertThat(failureOf(done)).isInstanceOf(InterruptedIOException.class);
        assertThat(flag.get()).as("the thread still knows").isTrue();
        assertThat(ending().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void shouldRefuseAnObserverThatIsNotGrpcs() {
        StreamObserver<String> other = new StreamObserver<>() {
            @Override
            public void onNext(String value) {
                // Never.
            }

            @Override
            public void onError(Throwable t) {
                // Never.
            }

            @Override
            public void onCompleted() {
                // Never.
            }
        };

        assertThatThrownBy(() -> methods.serverStreaming(other, sender -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockingMethods(threads, Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
