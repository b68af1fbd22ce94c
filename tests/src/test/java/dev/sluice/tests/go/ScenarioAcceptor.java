package dev.sluice.tests.go;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The accepting side of the scenarios of the peers' README: reads the first line of a stream on the loop, echoes there, and gives
 * other streams to threads. Loop-confined.
 */
final class ScenarioAcceptor implements ConnectionHandler {
    /** What is to be done with a stream whose first line is not {@code echo}. */
    @FunctionalInterface
    interface Scenario {
        void perform(String line, ByteStream stream) throws IOException;
    }

    private static final int PIECE_BYTES = 64 << 10;

    private final Scenario others;
    private final StringBuilder line = new StringBuilder();
    private final ByteBuffer one = ByteBuffer.allocate(1);

    ScenarioAcceptor(Scenario others) {
        this.others = others;
    }

    @Override
    public void onReadable(Connection stream) throws IOException {
        int n;
        while ((n = stream.read(one.clear())) > 0) {
            if (one.get(0) == '\n') {
                begin(stream);
                return;
            }
            line.append((char) one.get(0));
        }
        if (n < 0) {
            stream.close(); // opened and ended
        }
    }

    private void begin(Connection stream) throws IOException {
        if (line.toString().equals("echo")) {
            stream.handler(new Echo());
            return;
        }
        ByteStream blocking = stream.blocking();
        inThread(() -> others.perform(line.toString(), blocking), blocking);
    }

    /** Work on a stream. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void inThread(Work work, ByteStream stream) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        stream.abort(); // Go says what it has missed
                    }
                },
                "scenario");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends a line and the end. */
    static void lastLine(ByteStream stream, String line) throws IOException {
        stream.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
        stream.shutdownOutput();
    }

    @Override
    public void onClosed(Connection stream, TransportException cause) {
        // Nothing was begun.
    }

    private static final class Echo implements ConnectionHandler {
        private final ByteBuffer pending =
                ByteBuffer.allocateDirect(PIECE_BYTES).limit(0);
        private boolean ended;

        @Override
        public void onReadable(Connection stream) throws IOException {
            if (pending.hasRemaining() || ended) {
                return; // onWritable resumes
            }
            ended = stream.read(pending.clear()) < 0;
            pending.flip();
            onWritable(stream);
        }

        @Override
        public void onWritable(Connection stream) throws IOException {
            if (pending.hasRemaining()) {
                stream.write(pending);
            }
            if (pending.hasRemaining()) {
                return;
            }
            if (ended) {
                stream.close();
            } else {
                stream.resumeReading();
            }
        }

        @Override
        public void onClosed(Connection stream, TransportException cause) {
            // Go says what it has missed.
        }
    }
}
