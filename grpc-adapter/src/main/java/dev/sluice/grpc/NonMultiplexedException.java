package dev.sluice.grpc;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;

/**
 * The client of a call cannot be called back, as its connection carries no session: it is one that does not know of backchannels, which is
 * no fault. Immutable.
 */
public final class NonMultiplexedException extends TransportException {
    private static final long serialVersionUID = 1L;

    NonMultiplexedException() {
        super(Reason.UNSUPPORTED, "non-multiplexed connection");
    }
}
