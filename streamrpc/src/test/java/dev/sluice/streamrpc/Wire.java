package dev.sluice.streamrpc;

import dev.sluice.nio.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * One end of a connection as nothing but a socket, so that each byte is the test's: a client of our server, or a server for our
 * client. One thread.
 */
public final class Wire implements AutoCloseable {
    /** {@code streamrpc00}. */
    static final String MAGIC = "73747265616d7270633030";
    /** What a test reads when the other side ended with a reset. */
    public static final String RESET = "<reset>";
    /** Ends a test that would hang; no test waits for it. */
    private static final int HANG_MILLIS = 20_000;

    private final Socket socket;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(HANG_MILLIS);
    }

    public static Wire connect(Endpoint server) throws IOException {
        return connect(server, 0);
    }

    /** Connects with a receive buffer of a given size, or the system's if 0. */
    public static Wire connect(Endpoint server, int receiveBytes) throws IOException {
        Socket socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(server.host(), server.port()), HANG_MILLIS);
        return new Wire(socket);
    }

    /** Opens a listener at an address of its own, for clients of ours. */
    public static ServerSocket listen() throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(HANG_MILLIS);
        return listener;
    }

    public static Endpoint endpointOf(ServerSocket listener) {
        return Endpoint.tcp(listener.getInetAddress().getHostAddress(), listener.getLocalPort());
    }

    public static Wire accept(ServerSocket listener) throws IOException {
        return new Wire(listener.accept());
    }

    /** Returns the frame around a text, in hex. */
    static String frame(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        return String.format("%08x", payload.length) + HexFormat.of().formatHex(payload);
    }

    public static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes given in hex, in one piece; blanks are only for the reader. */
    public Wire send(String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex.replace(" ", "")));
        return this;
    }

    /** Sends a text in a frame of the handshake. */
    public Wire sendFrame(String text) throws IOException {
        return send(frame(text));
    }

    public Wire sendText(String text) throws IOException {
        return send(hex(text));
    }

    /** Reads {@code count} bytes, fewer only at the end, and returns them in hex. */
    public String read(int count) throws IOException {
        return HexFormat.of().formatHex(socket.getInputStream().readNBytes(count));
    }

    public String readText(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.UTF_8);
    }

    /** Reads a frame and returns its payload as text. */
    public String readFrame() throws IOException {
        int length = ByteBuffer.wrap(socket.getInputStream().readNBytes(4)).getInt();
        return readText(length);
    }

    /** Reads to the end and returns all in hex, followed by {@link #RESET} if the end was a reset. */
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        String end = "";
        byte[] piece = new byte[64 << 10];
        try {
            for (int n = socket.getInputStream().read(piece);
                    n >= 0;
                    n = socket.getInputStream().read(piece)) {
                all.write(piece, 0, n);
            }
        } catch (SocketException e) {
            end = RESET;
        }
        return HexFormat.of().formatHex(all.toByteArray()) + end;
    }

    /** Returns whether the connection ends, in whatever way, without another byte. */
    public boolean isClosedWithoutAWord() throws IOException {
        String rest = readToEnd();
        return rest.isEmpty() || rest.equals(RESET);
    }

    /** Returns whether there is something to read now. */
    public boolean hasInput() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    /** Ends this side's direction. */
    public Wire end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
