package dev.sluice.streamrpc.framed;

/**
 * What an endpoint does. Runs on the server's executor, or on the caller's thread where both are in one process, and may block there.
 *
 * @param <I> what comes: a type that the {@link BodyCodec} knows, or {@link Octets}
 * @param <O> what goes, likewise
 */
@FunctionalInterface
public interface EndpointHandler<I, O> {
    /**
     * Handles a call.
     *
     * @throws Exception what it says goes to the caller, as the text of a {@link CallStatus#ERROR}
     */
    O handle(I input) throws Exception;
}
