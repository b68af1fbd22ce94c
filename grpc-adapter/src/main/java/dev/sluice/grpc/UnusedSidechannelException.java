package dev.sluice.grpc;

import java.io.IOException;

/** No server came for a sidechannel that was offered to it, which may be no fault: it need not make use of it. Immutable. */
public final class UnusedSidechannelException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates the failure. */
    public UnusedSidechannelException() {
        super("sidechannel: callback de-registered without having run");
    }
}
