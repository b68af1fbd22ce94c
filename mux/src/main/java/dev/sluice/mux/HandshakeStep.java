package dev.sluice.mux;

/** What a connection has to get through before its protocol has it, one after the other. */
public enum HandshakeStep {
    /** The handshake of the layer, as TLS, where there is one. */
    LAYER,
    /** Until the first bytes have told the protocol. */
    DETECTION,
    /** The protocol's own. */
    PROTOCOL
}
