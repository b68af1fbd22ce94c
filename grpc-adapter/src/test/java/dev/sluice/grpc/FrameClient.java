package dev.sluice.grpc;

import dev.sluice.mux.SluiceServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that says what it likes, frame by frame. It has sent HTTP/2's preface and SETTINGS. For one thread at a time. */
final class FrameClient implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int ACK = 1;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private final Socket socket;
    private final OutputStream output;
    private final DataInputStream input;

    /** A frame as it came. */
    @SuppressWarnings("ArrayRecordComponent") // frames are not compared
    record Frame(int type, int flags, int stream, byte[] payload) {}

    /** @param settings the payload of SETTINGS */
    FrameClient(SluiceServer server, byte... settings) throws IOException {
        socket = new Socket(
                InetAddress.getLoopbackAddress(), server.endpoints().get(0).port());
        socket.setSoTimeout(10_000);
        output = socket.getOutputStream();
        input = new DataInputStream(socket.getInputStream());
        output.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, settings);
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        output.write(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
    }

    /** Sends the headers of a call. */
    void call(int stream, String path) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.writeBytes(new byte[] {(byte) 0x83, (byte) 0x86, 4}); // HPACK: POST, http, :path
        text(headers, path);
        headers.writeBytes(new byte[] {0x0f, 0x10}); // content-type
        text(headers, "application/grpc");
        headers.write(0);
        text(headers, "te");
        text(headers, "trailers");
        frame(HEADERS, END_HEADERS, stream, headers.toByteArray());
    }

    private static void text(ByteArrayOutputStream to, String text) {
        to.write(text.length());
        to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    Frame read() throws IOException {
        int length = input.readUnsignedByte() << 16 | input.readUnsignedShort();
        int type = input.readUnsignedByte();
        int flags = input.readUnsignedByte();
        int stream = input.readInt();
        return new Frame(type, flags, stream, input.readNBytes(length));
    }

    /** Reads up to the first frame of a type. */
    Frame read(int type) throws IOException {
        Frame frame = read();
        while (frame.type() != type) {
            frame = read();
        }
        return frame;
    }

    /** Reads to the end and returns the error code of the last GOAWAY. */
    int goAwayCode() throws IOException {
        int code = -1;
        try {
            while (true) {
                Frame frame = read();
                if (frame.type() == GOAWAY) {
                    code = ByteBuffer.wrap(frame.payload()).getInt(4);
                }
            }
        } catch (EOFException e) {
            return code;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
