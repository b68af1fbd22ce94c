package dev.sluice.proto.stream;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;

/** Where messages come from, one after the other. */
@FunctionalInterface
public interface MessageSource<M> {
    /**
     * Waits for the next message.
     *
     * @return empty at the end, then and whenever it is asked again
     * @throws MessageStreamException if the call has failed; all messages that came before have been returned
     */
    Optional<M> next() throws IOException;

    /** Returns what a blocking stub's method returned as a source. The call is not cancelled when nobody reads on. */
    static <M> MessageSource<M> of(Iterator<M> responses) {
        Objects.requireNonNull(responses, "responses");
        return () -> {
            try {
                return responses.hasNext() ? Optional.of(responses.next()) : Optional.empty();
            } catch (StatusRuntimeException e) {
                throw new MessageStreamException(e);
            }
        };
    }
}
