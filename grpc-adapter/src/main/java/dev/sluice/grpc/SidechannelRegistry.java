package dev.sluice.grpc;

import dev.sluice.grpc.internal.sidechannel.Arrival;
import dev.sluice.grpc.internal.sidechannel.Opening;
import dev.sluice.grpc.internal.sidechannel.Registrations;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The client's side of sidechannels (docs/sidechannel.md): streams of bytes that a server opens within a call, to the client that made it.
 *
 * <pre>{@code
 * SidechannelRegistry sidechannels = new SidechannelRegistry();
 * // ... a channel with a backchannel that speaks this protocol
 * try (SidechannelWaiter waiter = sidechannels.register(stream -> stream.transferTo(file, 0, Long.MAX_VALUE))) {
 *     stub.withInterceptors(waiter).fetch(request);
 * }
 * }</pre>
 *
 * <p>One registry may serve many channels. A server then is believed which of the offered sidechannels it wants: for servers that do not trust each
 * other, have a registry each.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class SidechannelRegistry implements Protocol {
    private final Registrations registrations;

    /** Creates a registry whose callbacks run on threads of its own, as {@link HandlerThreads} has them. */
    public SidechannelRegistry() {
        this(HandlerThreads.create("sluice-sidechannel", HandlerThreads.DEFAULT_MAX_THREADS));
    }

    /**
     * Creates a registry.
     *
     * @param callbacks runs the callbacks, which block, each on a thread of its own; refuses one rather than let it wait. It stays the caller's
     */
    public SidechannelRegistry(Executor callbacks) {
        registrations = new Registrations(Objects.requireNonNull(callbacks, "callbacks"));
    }

    /**
     * Makes a sidechannel, to be offered in one call.
     *
     * @param callback run once if a server comes, in the gRPC context that is current when this is called
     * @return to be closed after the call, whatever became of that
     */
    public SidechannelWaiter register(SidechannelCallback callback) {
        return new SidechannelWaiter(registrations.add(Objects.requireNonNull(callback, "callback")));
    }

    /** Returns how many sidechannels wait for a server. */
    public int waiting() {
        return registrations.size();
    }

    Registrations registrations() {
        return registrations;
    }

    @Override
    public String name() {
        return "sidechannel";
    }

    @Override
    public Optional<Magic> magic() {
        return Optional.of(Opening.MAGIC);
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        return new Arrival(registrations, handshake);
    }
}
