package dev.sluice.grpc;

import dev.sluice.grpc.internal.sidechannel.ProxiedCall;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.Objects;

/**
 * Passes sidechannels on, in a server that passes calls on to other servers with their metadata: on its channels to those. A call whose metadata
 * offers a sidechannel of this server's client offers one of this server's instead. If the other server opens that, this one opens the client's, and
 * copies both ways until the other server ends.
 *
 * <p>A call that ended with OK ends for its caller when the copying has ended, too; with {@code sidechannel: proxy callback: } and the cause if that failed,
 * and UNAVAILABLE if the client's sidechannel could not be opened, else UNKNOWN. Any other end of the call is passed on at once, and
 * cuts both.
 *
 * <p>To be called in the gRPC context of the call that is passed on.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class SidechannelProxy implements ClientInterceptor {
    private final SidechannelRegistry sidechannels;

    /**
     * Creates the interceptor.
     *
     * @param sidechannels those of the channel that it is for; its threads copy, two for each sidechannel
     */
    public SidechannelProxy(SidechannelRegistry sidechannels) {
        this.sidechannels = Objects.requireNonNull(sidechannels, "sidechannels");
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new ProxiedCall<>(
                next.newCall(method, options), options, sidechannels.registrations(), Sidechannel::open);
    }
}
