package dev.sluice.streamrpc;

import dev.sluice.mux.CallAttributes;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.internal.ServerSession;
import io.grpc.Attributes;
import java.util.function.Consumer;

/**
 * StreamRPC 00 (docs/protocols.md, section 2): a short handshake that is an RPC - method, message, metadata, interceptors - and then the
 * connection itself, as a stream of bytes whose meaning the method defines.
 *
 * <p>A service is an ordinary gRPC service with unary methods that return {@code google.protobuf.Empty}. Within such a
 * method, {@link #accept()} turns the call into a stream:
 *
 * <pre>{@code
 * public void fetch(FetchRequest request, StreamObserver<Empty> done) {
 *     Path file = find(request);                    // an error before accept() is the client's rejection
 *     try (FileChannel source = FileChannel.open(file)) {
 *         StreamRpc.accept().transferFrom(source, 0, source.size());
 *         done.onNext(Empty.getDefaultInstance());
 *         done.onCompleted();                       // closes the stream
 *     } catch (IOException e) {
 *         done.onError(e);                          // cuts the stream
 *     }
 * }
 * }</pre>
 *
 * <p>A stream of version 00 has no place for an error, and a short one looks like a complete one wherever the transport knows
 * no reset: TCP has one, a Unix socket has none. So let the stream say its own length or end, as the file service does.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class StreamRpc {
    /** What a client sends first: {@code streamrpc00}. */
    public static final Magic MAGIC = new Magic("streamrpc00");

    /** In {@link io.grpc.ServerCall#getAttributes()}: the connection of the call; the same key as gRPC's. */
    public static final Attributes.Key<Connection> CONNECTION = CallAttributes.CONNECTION;

    private StreamRpc() {}

    /**
     * Returns the server side, to be added to a {@link dev.sluice.mux.SluiceServer}.
     *
     * @param configuration adds the services and interceptors
     */
    public static Protocol serve(Consumer<StreamRpcServer.Builder> configuration) {
        StreamRpcServer.Builder builder = StreamRpcServer.builder();
        configuration.accept(builder);
        return builder.build();
    }

    /**
     * Returns the connection of the call that the current {@link io.grpc.Context} belongs to, to ask who calls: for its endpoints,
     * {@linkplain Connection#peerCredentials() credentials} and {@linkplain Connection#tlsSession() certificates}. Its bytes are not the
     * method's before {@link #accept()}, and the stream's after it.
     *
     * @throws IllegalStateException if the context is not that of a StreamRPC call
     */
    public static Connection connection() {
        return ServerSession.current().connection();
    }

    /**
     * Accepts the call that the current {@link io.grpc.Context} belongs to and returns its stream, for threads that may block. The
     * stream ends when the call is closed: in an orderly way if it completed, cut if it failed.
     *
     * @throws IllegalStateException if the context is not that of a StreamRPC call, or it was accepted already
     * @throws TransportException if the client is gone
     */
    public static ByteStream accept() throws TransportException {
        return ServerSession.current().accept();
    }

    /**
     * Accepts the call that the current {@link io.grpc.Context} belongs to and hands its connection to a handler on the
     * loop. The connection is the handler's from here on; completing the call does not close it. If the client is gone, the
     * handler is told no more than that, by {@code onClosed}.
     *
     * @throws IllegalStateException if the context is not that of a StreamRPC call, or it was accepted already
     */
    public static void accept(ConnectionHandler handler) {
        ServerSession.current().accept(handler);
    }
}
