package dev.sluice.tests.contract;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * One end of a pair, as the test's thread holds it: the connection with the handler that it began with.
 *
 * @param connection the connection
 * @param recorder the handler that it began with
 */
public record Side(Connection connection, Recorder recorder) {
    /** Something to do on the loop. */
    @FunctionalInterface
    public interface Call<T> {
        T on(Connection connection) throws Exception;
    }

    /** As {@link Call}, without a result. */
    @FunctionalInterface
    public interface Action {
        void on(Connection connection) throws Exception;
    }

    /** Does something on the loop and waits for the result; what it throws is thrown here. */
    public <T> T call(Call<T> call) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        connection.loop().execute(() -> {
            try {
                result.complete(call.on(connection));
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return Waiting.result(result);
    }

    /** Does something on the loop and waits until it is done; what it throws is thrown here. */
    public void run(Action action) throws Exception {
        call(c -> {
            action.on(c);
            return null;
        });
    }

    /** Begins to send; the result completes when all was taken. */
    public CompletableFuture<Void> send(Payload payload) throws Exception {
        return send(payload, 64 << 10);
    }

    /** Begins to send in writes of {@code pieceBytes}; the result completes when all was taken. */
    public CompletableFuture<Void> send(Payload payload, int pieceBytes) throws Exception {
        return call(c -> recorder.send(c, payload, pieceBytes));
    }

    /** Sends, and waits until all was taken. */
    public void sendAll(Payload payload) throws Exception {
        Waiting.result(send(payload));
    }

    /** Reads exactly this many bytes, waiting for them; reading should be paused. */
    public byte[] take(int bytes) {
        ByteBuffer dst = ByteBuffer.allocate(bytes);
        Waiting.until(bytes + " bytes", () -> call(c -> c.read(dst) >= 0 && !dst.hasRemaining()));
        return dst.array();
    }

    public void shutdownOutput() throws Exception {
        run(Connection::shutdownOutput);
    }

    public void close() throws Exception {
        run(Connection::close);
    }

    public void abort(TransportException cause) throws Exception {
        run(c -> c.abort(cause));
    }

    /** Takes the blocking view, on the loop. */
    public ByteStream blocking() throws Exception {
        return call(Connection::blocking);
    }

    /** Puts another recorder in the place of the handler. */
    public Side handOverTo(Recorder successor) throws Exception {
        run(c -> c.handler(successor));
        return new Side(connection, successor);
    }

    /**
     * Lets the loop go round often enough that whatever it would do by itself is done. For tests that something does
     * <i>not</i> happen.
     */
    public void settle() throws Exception {
        for (int i = 0; i < 50; i++) {
            run(c -> {});
        }
    }
}
