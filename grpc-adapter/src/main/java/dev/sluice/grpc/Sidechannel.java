package dev.sluice.grpc;

import dev.sluice.grpc.internal.sidechannel.OfferContext;
import dev.sluice.grpc.internal.sidechannel.Opening;
import dev.sluice.grpc.internal.sidechannel.SidechannelOffer;
import dev.sluice.mux.CallAttributes;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import io.grpc.Context;

/**
 * The server's side of sidechannels (docs/sidechannel.md): streams of bytes that a gRPC method opens to the client that called it, over the connection on
 * which it did. The call goes on beside them, with its status, deadline and interceptors.
 *
 * <pre>{@code
 * public void fetch(FetchRequest request, StreamObserver<Empty> done) {
 *     try (FileChannel file = FileChannel.open(find(request));
 *             ByteStream stream = Sidechannel.open()) {
 *         stream.transferFrom(file, 0, file.size());
 *     } catch (IOException e) {
 *         done.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asException());
 *         return;
 *     }
 *     done.onNext(Empty.getDefaultInstance());
 *     done.onCompleted();
 * }
 * }</pre>
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Sidechannel {
    private Sidechannel() {}

    /** Returns whether the call offers one to which the current {@link Context} belongs. Whoever can do without need not open it. */
    public static boolean isOffered() {
        return OfferContext.current().isPresent();
    }

    /**
     * Opens the sidechannel that the call offers to which the current {@link Context} belongs. Blocks until the client has confirmed it, 5 s at most; not for
     * loops. Each can be opened once.
     *
     * <p>What is read are the client's bytes until it ends its direction; a client that leaves without that fails the reader. The stream ends with its call at the
     * latest: closed if that is over, cut if it was cancelled.
     *
     * @throws TransportException with {@link Reason#UNSUPPORTED} if the call offers none or its client cannot be called back; if it does not
     *     confirm in time, or wrongly; or for any other failure of the connection
     * @throws IllegalStateException on an event loop
     */
    public static ByteStream open() throws TransportException {
        return open(OfferContext.current().orElseThrow(Sidechannel::noOffer));
    }

    private static TransportException noOffer() {
        if (CallAttributes.CURRENT_CONNECTION.get() == null) {
            return new TransportException(Reason.UNSUPPORTED, "sidechannel: failed to extract incoming metadata");
        }
        return SidechannelOffer.none();
    }

    /** Opens one that was offered to the call that the current context belongs to, whatever that says now. */
    static ByteStream open(SidechannelOffer offer) throws TransportException {
        ByteStream stream = Opening.open(session(), offer);
        Context.current()
                .addListener(
                        call -> {
                            if (call.cancellationCause() == null) {
                                stream.close();
                            } else {
                                stream.abort();
                            }
                        },
                        Runnable::run);
        return stream;
    }

    private static Yamux session() throws TransportException {
        try {
            return Peer.current().session();
        } catch (NonMultiplexedException e) {
            throw new TransportException(e.reason(), noSession(e), e);
        } catch (IllegalStateException e) {
            throw new TransportException(Reason.UNSUPPORTED, noSession(e), e);
        }
    }

    private static String noSession(Exception why) {
        return "sidechannel: fail to extract yamux session: " + why.getMessage();
    }
}
