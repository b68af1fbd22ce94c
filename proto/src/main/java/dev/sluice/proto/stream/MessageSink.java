package dev.sluice.proto.stream;

import java.io.IOException;

/** Where messages go, one after the other. */
@FunctionalInterface
public interface MessageSink<M> {
    /**
     * Sends a message, waiting for room if it has to.
     *
     * @throws MessageStreamException if the call has ended
     */
    void send(M message) throws IOException;
}
