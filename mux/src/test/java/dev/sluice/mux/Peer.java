package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client made of nothing but a socket, so that each of its bytes and its way to end are the test's. One thread. */
final class Peer implements AutoCloseable {
    /** Ends a test that would hang; no test waits for it. */
    private static final int HANG_MILLIS = 20_000;

    private final Socket socket = new Socket();

    private Peer(Endpoint server) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(HANG_MILLIS);
        socket.connect(new InetSocketAddress(server.host(), server.port()), HANG_MILLIS);
    }

    static Peer connect(Endpoint server) throws IOException {
        return new Peer(server);
    }

    Peer send(String ascii) throws IOException {
        return send(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    Peer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Ends this side's direction, unless the server has cut the connection already. */
    Peer end() throws IOException {
        try {
            socket.shutdownOutput();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("not connected");
        }
        return this;
    }

    /** Reads exactly {@code count} bytes. */
    String read(int count) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(count);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Reads to the end, which may be an orderly one or a reset. */
    String readToEnd() throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            for (int b = socket.getInputStream().read();
                    b >= 0;
                    b = socket.getInputStream().read()) {
                text.append((char) b);
            }
        } catch (SocketException e) {
            text.append("<reset>");
        }
        return text.toString();
    }

    /** Waits for the connection to end without a single byte. */
    boolean isCutWithoutAWord() throws IOException {
        String all = readToEnd();
        return all.isEmpty() || all.equals("<reset>");
    }

    /** Closes with a reset. */
    void vanish() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
