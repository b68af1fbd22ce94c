package dev.sluice.bench.file;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A blocking socket and a loop, as one would write it without a framework: what the JDK alone reaches. */
public final class PlainFileServer implements MeasuredServer {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int COPY_BYTES = 256 << 10;

    /** Sends a whole file. */
    public interface Sender {
        void send(FileChannel file, SocketChannel socket) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Path file;
    private final Sender sender;
    private final String endpoint;

    /** Begins to send {@code file} to whoever connects, one after the other. */
    public PlainFileServer(String requested, Path file, Sender sender) throws IOException {
        this.file = file;
        this.sender = sender;
        SocketAddress address = Addresses.parse(requested);
        boolean unix = address instanceof UnixDomainSocketAddress;
        listener = unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
        listener.bind(address);
        endpoint = unix ? requested : Addresses.format(listener.getLocalAddress());
        Thread server = new Thread(this::serve, "plain-server");
        server.setDaemon(true);
        server.start();
    }

    private void serve() {
        try (FileChannel source = FileChannel.open(file)) {
            while (listener.isOpen()) {
                try (SocketChannel client = listener.accept()) {
                    sender.send(source, client);
                }
            }
        } catch (IOException e) {
            if (listener.isOpen()) {
                throw new IllegalStateException("the plain server failed", e);
            }
        }
    }

    /** {@code FileChannel.transferTo} in a loop. */
    public static void transferTo(FileChannel file, SocketChannel socket) throws IOException {
        for (long sent = 0; sent < file.size(); ) {
            sent += file.transferTo(sent, PIECE_BYTES, socket);
        }
    }

    /** One mapping per connection, unmapped by the collector, as plain code has it. */
    static void writeMapped(FileChannel file, SocketChannel socket) throws IOException {
        for (long begin = 0; begin < file.size(); begin += Integer.MAX_VALUE) {
            MappedByteBuffer bytes =
                    file.map(MapMode.READ_ONLY, begin, Math.min(Integer.MAX_VALUE, file.size() - begin));
            while (bytes.position() < bytes.capacity()) {
                bytes.limit(Math.min(bytes.capacity(), bytes.position() + PIECE_BYTES));
                socket.write(bytes);
            }
        }
    }

    static void copy(FileChannel file, SocketChannel socket) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(COPY_BYTES);
        for (long at = 0; file.read(piece, at) > 0; at += piece.limit(), piece.clear()) {
            piece.flip();
            while (piece.hasRemaining()) {
                socket.write(piece);
            }
        }
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
