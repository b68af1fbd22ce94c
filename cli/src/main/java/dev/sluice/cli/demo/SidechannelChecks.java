package dev.sluice.cli.demo;

import com.google.protobuf.Empty;
import com.google.protobuf.Int64Value;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.SidechannelCallback;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;

/** The checks of bytes beside calls over one wire, all on one connection, one after the other. One thread, and those of the callbacks. */
final class SidechannelChecks implements AutoCloseable {
    private static final long WARM_UP_BYTES = 16 << 20;

    private final Site site;
    private final SidechannelRegistry sidechannels = new SidechannelRegistry();
    private final Channels channels;
    private final Channel channel;
    private final CheckRunner runner;

    /** @param loops are to be closed after this */
    SidechannelChecks(Endpoint server, EventLoopGroup loops, Site site) {
        this.site = site;
        this.channels = new Channels(loops);
        this.channel = channels.open(Backchannel.client(server, () -> List.of(sidechannels)));
        this.runner = new CheckRunner(server.scheme(), site.data());
    }

    void run(Consumer<Check> listener) throws IOException, InterruptedException {
        get(Math.min(
                site.data().size(), WARM_UP_BYTES)); // not counted: it measures how the JVM loads classes and compiles
        listener.accept(get(site.data().size()));
        listener.accept(put(site.data().size()));
    }

    private Check get(long bytes) throws IOException, InterruptedException {
        return runner.move("sidechannel-get", bytes, site.received(), () -> {
            try (FileChannel target =
                    FileChannel.open(site.received(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                call(
                        SidechannelBlobs.READ,
                        Int64Value.of(bytes),
                        stream -> stream.transferTo(target, 0, Long.MAX_VALUE));
            }
        });
    }

    private Check put(long bytes) throws IOException, InterruptedException {
        return runner.move("sidechannel-put", bytes, site.written(), () -> {
            try (FileChannel source = FileChannel.open(site.data().file(), StandardOpenOption.READ)) {
                Int64Value count = call(SidechannelBlobs.WRITE, Empty.getDefaultInstance(), stream -> {
                    stream.transferFrom(source, 0, bytes);
                    stream.shutdownOutput();
                });
                if (count.getValue() != bytes) {
                    throw new IOException("of " + bytes + " bytes sent the server got only " + count.getValue());
                }
            }
        });
    }

    /** Returns what the call answers, once both are over, the call and what is beside it. */
    private <Q, R> R call(MethodDescriptor<Q, R> method, Q request, SidechannelCallback callback) throws IOException {
        try (SidechannelWaiter waiter = sidechannels.register(callback)) {
            return ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(channel, waiter), method, CallOptions.DEFAULT, request);
        } catch (StatusRuntimeException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        channels.close();
    }
}
