package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.NettyTransport;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Channels of grpc-netty, the same for all servers. Each has a connection of its own. All are on one event loop, which also runs what
 * their calls tell, so that there is little else on the client's core than the transport.
 */
final class GrpcClient implements AutoCloseable {
    private static final long CLOSE_SECONDS = 10;

    private final EventLoopGroup loop = NettyTransport.NIO.newGroup();
    private final List<ManagedChannel> channels;

    GrpcClient(String endpoint, int connections) {
        channels =
                Stream.generate(() -> newChannel(endpoint)).limit(connections).toList();
    }

    private ManagedChannel newChannel(String endpoint) {
        return NettyChannelBuilder.forAddress(Addresses.parse(endpoint))
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .disableRetry() // or every call is kept to be repeated
                .build();
    }

    /** Returns one channel for each connection. */
    List<ManagedChannel> channels() {
        return channels;
    }

    /** Runs a task on the event loop and waits until the future that it gets is complete, within {@code limit}. */
    void run(Consumer<CompletableFuture<Void>> task, Duration limit) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                task.accept(done);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("a call failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("a call is not answered, " + limit + " after the first", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while calls were under way");
        }
    }

    /** Cuts what is under way. */
    @Override
    public void close() throws IOException {
        try {
            for (ManagedChannel channel : channels) {
                channel.shutdownNow().awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while channels ended");
        } finally {
            loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
