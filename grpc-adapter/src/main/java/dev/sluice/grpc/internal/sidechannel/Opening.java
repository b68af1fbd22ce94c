package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.mux.Magic;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * The server's end of a stream until the client has confirmed it: writes the opening at once, reads the confirmation and not a byte more.
 * Loop-confined, but for {@link #open}.
 *
 * <pre>
 *   0                      11                 19
 *   +----------------------+------------------+
 *   |      sidechannel     |        id        |     big-endian; its complement for a sidechannel without packets
 *   +----------------------+------------------+
 * </pre>
 */
public final class Opening implements ConnectionHandler {
    /** What the opening begins with. */
    public static final Magic MAGIC = new Magic("sidechannel");

    /** From the opening to the confirmation. */
    static final Duration LIMIT = Duration.ofSeconds(5);

    private final SidechannelMode mode;
    private final Duration limit;
    private final ByteBuffer output;
    private final ByteBuffer input = ByteBuffer.allocate(SidechannelMode.CONFIRMATION_BYTES);
    private final CompletableFuture<Connection> confirmed = new CompletableFuture<>();
    private Timeout late;

    private Opening(long id, SidechannelMode mode, Duration limit) {
        this.mode = mode;
        this.limit = limit;
        output = ByteBuffer.allocate(Magic.LENGTH + Long.BYTES)
                .put(MAGIC.bytes())
                .putLong(mode.onWire(id))
                .flip();
    }

    /**
     * Opens a sidechannel to the peer of a session. Blocks, {@link #LIMIT} at most; not for loops.
     *
     * @throws TransportException if it cannot be had; the stream is cut then
     */
    public static ByteStream open(Yamux session, SidechannelOffer offer) throws TransportException {
        return open(session, offer, LIMIT);
    }

    static ByteStream open(Yamux session, SidechannelOffer offer, Duration limit) throws TransportException {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException("a sidechannel must not be opened on an event loop: that blocks");
        }
        long id = offer.id();
        SidechannelMode mode = SidechannelMode.of(offer.isUnframed() && id >= 0);
        Opening opening = new Opening(id, mode, limit);
        ByteStream stream = opening.await(session.openStream(opening)).blocking();
        return mode == SidechannelMode.UNFRAMED ? stream : new FramedServerStream(stream);
    }

    private Connection await(CompletionStage<Connection> stream) throws TransportException {
        stream.whenComplete((opened, failure) -> {
            if (failure != null) {
                fail(reasonOf(failure), "open stream: " + failure.getMessage(), failure);
            }
        });
        try {
            return confirmed.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            TransportException why =
                    new TransportException(Reason.CANCELLED, "sidechannel: the waiting thread was interrupted", e);
            stream.thenAccept(opened -> opened.loop().post(() -> opened.abort(why)));
            throw why;
        } catch (ExecutionException e) {
            throw TransportException.of("sidechannel", e.getCause());
        }
    }

    private static Reason reasonOf(Throwable failure) {
        return TransportException.of("", failure).reason();
    }

    @Override
    public void onAttached(Connection stream) throws TransportException {
        late = stream.loop()
                .schedule(
                        limit,
                        () -> stream.abort(new TransportException(
                                Reason.TIMEOUT, "no answer within " + limit.toMillis() + " ms")));
        stream.whenClosed(cause -> late.cancel());
        onWritable(stream);
    }

    @Override
    public void onWritable(Connection stream) throws TransportException {
        if (output.hasRemaining()) {
            stream.write(output);
        }
    }

    @Override
    public void onReadable(Connection stream) throws TransportException {
        int n = stream.read(input);
        if (n < 0) {
            throw new TransportException(Reason.TRUNCATED, input.position() == 0 ? "EOF" : "unexpected EOF");
        }
        if (input.hasRemaining()) {
            return;
        }
        if (!mode.isConfirmation(input.flip())) {
            throw fail(Reason.PROTOCOL_ERROR, "expected " + mode.confirmation() + ", got " + Quoted.bytes(input), null);
        }
        late.cancel();
        stream.pauseReading();
        confirmed.complete(stream);
    }

    @Override
    public void onClosed(Connection stream, TransportException cause) {
        fail(cause.reason(), step() + ": " + cause.getMessage(), cause);
    }

    private String step() {
        if (output.position() < Magic.LENGTH) {
            return "write magic bytes";
        }
        return output.hasRemaining() ? "write stream id" : "receive confirmation";
    }

    private TransportException fail(Reason reason, String what, Throwable cause) {
        TransportException why = new TransportException(reason, "sidechannel: " + what, cause);
        confirmed.completeExceptionally(why);
        return why;
    }
}
