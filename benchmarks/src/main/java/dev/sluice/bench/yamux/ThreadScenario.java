package dev.sluice.bench.yamux;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/** Reads a stream's first line and does what it asks for, on a thread that may block. */
final class ThreadScenario implements Runnable {
    private static final int READ_BYTES = 64 << 10;

    private final ByteStream stream;

    ThreadScenario(ByteStream stream) {
        this.stream = stream;
    }

    @Override
    public void run() {
        try (stream) {
            ByteBuffer line = ByteBuffer.allocate(Scenario.LINE_BYTES);
            while (line.hasRemaining()) {
                if (stream.read(line) < 0) {
                    return;
                }
            }
            switch (Scenario.of(line.flip())) {
                case SINK -> sink();
                case ECHO -> echo();
            }
        } catch (TransportException e) {
            stream.abort(); // the opener is told so, and fails the measurement
        }
    }

    private void sink() throws TransportException {
        ByteBuffer piece = ByteBuffer.allocateDirect(READ_BYTES);
        long count = 0;
        for (int n = stream.read(piece); n >= 0; n = stream.read(piece.clear())) {
            count += n;
        }
        stream.write(Scenario.count(count));
    }

    private void echo() throws TransportException {
        ByteBuffer piece = ByteBuffer.allocateDirect(READ_BYTES);
        while (stream.read(piece.clear()) >= 0) {
            stream.write(piece.flip());
        }
    }
}
