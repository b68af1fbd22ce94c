package dev.sluice.streamrpc.framed;

import java.io.Closeable;
import java.io.IOException;

/**
 * Calls endpoints by their names, wherever these are: {@link FramedClient} over a connection, {@link FramedRpc#local} in this process.
 *
 * <p><b>Threading:</b> thread-safe. Calls block; not for loop threads.
 */
public interface FramedCaller extends Closeable {
    /**
     * Calls an endpoint and returns its answer.
     *
     * @param input a value that the codec knows, or {@link Octets}, which are closed by this
     * @param output the type of the answer; {@code Octets.class} for octets, which are the caller's to close
     * @return null if the answer is null
     * @throws CallFailedException if the server answered with an error
     * @throws dev.sluice.nio.TransportException if there was no answer, or one that breaks the protocol
     * @throws IllegalStateException over a connection, on a loop's thread
     * @throws IOException if {@code input} could not be written or read, or the answer is not of the type {@code output}
     */
    <O> O call(String endpoint, Object input, Class<O> output) throws IOException;

    /**
     * Lets go of what calls have used. Over a connection, what is under way fails; within the process there is nothing to let go of, and calls go on.
     * Idempotent.
     */
    @Override
    void close();
}
