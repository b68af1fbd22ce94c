package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.LogLimiter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A client's frames, as far as it keeps to the limits. At the first breach the connection gets GOAWAY, if it reads that within a second, and
 * ends. For one reader.
 */
final class GuardedInput extends FilterInputStream {
    private static final LogLimiter BREACHES =
            new LogLimiter(System.getLogger(GuardedInput.class.getName()), Level.INFO);
    private static final Duration GOAWAY_LIMIT = Duration.ofSeconds(1);

    private final ByteStream stream;
    private final FrameOutput output;
    private final Consumer<Http2Breach> listener;
    private final FrameScanner frames;
    private Optional<Http2Breach> breach = Optional.empty();

    GuardedInput(ByteStream stream, FrameOutput output, FrameGuard guard, Consumer<Http2Breach> listener) {
        super(stream.inputStream());
        this.stream = stream;
        this.output = output;
        this.listener = listener;
        this.frames = new FrameScanner(
                Http2Preface.PREFACE.length,
                (length, type, flags, id, value) -> breach = guard.received(length, type, flags, id));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = super.read(bytes, offset, length);
        for (ByteBuffer rest = ByteBuffer.wrap(bytes, offset, Math.max(0, n)); rest.hasRemaining(); ) {
            frames.scan(rest);
            if (breach.isPresent()) {
                end(breach.get());
                drain(bytes, offset, length);
                return -1;
            }
        }
        return n;
    }

    private void end(Http2Breach what) {
        Connection connection = stream.connection();
        TransportException why = new TransportException(
                Reason.LIMIT_EXCEEDED, connection + ": closed with ENHANCE_YOUR_CALM: " + what.text());
        listener.accept(what);
        BREACHES.log(why.getMessage());
        EventLoop loop = connection.loop();
        loop.post(() -> loop.schedule(GOAWAY_LIMIT, () -> connection.abort(why)));
        try {
            output.endWith(Http2Frames.goAway(Http2Frames.ENHANCE_YOUR_CALM, what.text()));
        } catch (IOException e) {
            BREACHES.log(connection + ": cannot say GOAWAY: " + e.getMessage());
        }
    }

    /** Takes what still comes, so that the close does not destroy what the client has yet to read; until it ends, or the limit is over. */
    private void drain(byte[] bytes, int offset, int length) throws IOException {
        for (int n = 0; n >= 0; ) {
            n = super.read(bytes, offset, length);
        }
    }
}
