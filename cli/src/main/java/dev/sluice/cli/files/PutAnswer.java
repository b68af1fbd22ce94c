package dev.sluice.cli.files;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.PutResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The server's answer to a put, watched for while the file is being sent: it comes early if the server cannot go on. Runs on a
 * thread of its own until the answer has come or the stream has ended; the rest is for the thread that sends.
 */
final class PutAnswer implements Runnable {
    /** What the server had to say is here already when sending fails, or never comes. */
    private static final Duration LAST_WORD_LIMIT = Duration.ofSeconds(1);

    private final ByteStream stream;
    private final CompletableFuture<PutResult> result = new CompletableFuture<>();

    PutAnswer(ByteStream stream) {
        this.stream = stream;
    }

    @Override
    public void run() {
        try (StreamInput input = new StreamInput(stream)) {
            result.complete(input.message(PutResult.parser(), "result"));
        } catch (TransportException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    boolean hasCome() {
        return result.isDone();
    }

    /** Waits for the answer, which must be good. */
    PutResult await(String path) throws TransportException {
        PutResult answer;
        try {
            answer = result.get();
        } catch (ExecutionException e) {
            throw unknownOutcome(path, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stream.abort();
            throw new TransportException(Reason.CANCELLED, "put '" + path + "': interrupted", e);
        }
        if (!answer.getError().isEmpty()) {
            throw failed(answer);
        }
        return answer;
    }

    private static TransportException unknownOutcome(String path, Throwable cause) {
        TransportException why = TransportException.of("put '" + path + "'", cause);
        return new TransportException(
                why.reason(),
                "put '" + path + "': the server ended the connection without a result, so the file may or may not be"
                        + " stored: " + why.getMessage(),
                why);
    }

    private static TransportException failed(PutResult answer) {
        return new TransportException(Reason.IO_ERROR, answer.getError());
    }

    /** Returns why an answer came that did not wait for the whole file. */
    TransportException early(String path) throws TransportException {
        await(path);
        return new TransportException(
                Reason.PROTOCOL_ERROR, "put '" + path + "': the server says that it has the file before it was sent");
    }

    /** Returns why sending failed: what the server had said, if it said something. */
    TransportException refusal(String path, TransportException sending) {
        try {
            PutResult answer = result.get(LAST_WORD_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!answer.getError().isEmpty()) {
                return failed(answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            sending.addSuppressed(e);
        } finally {
            stream.abort();
        }
        return new TransportException(
                sending.reason(),
                "put '" + path + "': the connection broke before all was sent; nothing was stored: "
                        + sending.getMessage(),
                sending);
    }
}
