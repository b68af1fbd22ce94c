package dev.sluice.bench.tls;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Sluice: the handshake on a loop, the file from a thread. */
final class SluiceTlsServer implements AutoCloseable {
    private final Path file;
    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Listener listener;

    SluiceTlsServer(int port, Path file, Path certificate, Path key, String provider) throws IOException {
        this.file = file;
        Tls tls = Tls.serverBuilder(Identities.of(Identity.pem(certificate, key)))
                .provider(provider)
                .build();
        listener = group.listen(Endpoint.tcp("127.0.0.1", port).with(tls), connection -> new FirstBytes());
    }

    private final class FirstBytes implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            if (connection.read(ByteBuffer.allocate(1)) < 0) {
                connection.close();
                return;
            }
            ByteStream stream = connection.blocking();
            threads.execute(() -> send(stream));
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The client has what it wanted.
        }
    }

    private void send(ByteStream stream) {
        try (stream;
                FileChannel source = FileChannel.open(file)) {
            stream.transferFrom(source, 0, source.size());
        } catch (IOException e) {
            throw new IllegalStateException("cannot send", e);
        }
    }

    @Override
    public void close() {
        listener.close();
        group.close();
        threads.shutdownNow();
    }
}
