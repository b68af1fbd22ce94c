package dev.sluice.proto.stream;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A call whose peer is the test: it decides when there is room, and sees what is sent and asked for. */
final class FakeCall<M> extends ServerCallStreamObserver<M> {
    final List<M> sent = new CopyOnWriteArrayList<>();
    final AtomicInteger requested = new AtomicInteger();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    final AtomicInteger completions = new AtomicInteger();

    private final AtomicInteger room = new AtomicInteger();
    private Optional<Runnable> onReady = Optional.empty();
    private Optional<Runnable> onCancel = Optional.empty();

    /** Makes room for so many messages. */
    void makeRoom(int messages) {
        room.addAndGet(messages);
        onReady.ifPresent(Runnable::run);
    }

    void cancelByPeer() {
        onCancel.orElseThrow().run();
    }

    @Override
    public boolean isReady() {
        return room.get() > 0;
    }

    @Override
    public void onNext(M message) {
        room.decrementAndGet();
        sent.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        failures.add(failure);
    }

    @Override
    public void onCompleted() {
        completions.incrementAndGet();
    }

    @Override
    public void request(int count) {
        requested.addAndGet(count);
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = Optional.of(handler);
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = Optional.of(handler);
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setCompression(String compression) {
        // Not looked at.
    }

    @Override
    public void setMessageCompression(boolean enable) {
        // Not looked at.
    }

    @Override
    public void disableAutoInboundFlowControl() {
        // As below.
    }

    @Override
    public void disableAutoRequest() {
        // Nothing is requested here unless asked.
    }
}
