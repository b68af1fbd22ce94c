package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.LongAdder;

/** One end of a connection on which calls are made, one after the other. Thread-safe as its parts are. */
final class Link {
    private static final Logger LOG = System.getLogger(Link.class.getName());

    private final ByteStream stream;
    private final boolean extended;
    private final MessageInput input;
    private final MessageOutput output;
    private final LongAdder uses = new LongAdder();

    /** @param extended whether the extensions are spoken */
    Link(ByteStream stream, boolean extended) {
        this.stream = stream;
        this.extended = extended;
        this.input = new MessageInput(stream, extended);
        this.output = new MessageOutput(stream, extended);
    }

    Connection connection() {
        return stream.connection();
    }

    boolean isExtended() {
        return extended;
    }

    MessageInput input() {
        return input;
    }

    MessageOutput output() {
        return output;
    }

    /** Returns whether this side may still use it. */
    boolean isOpen() {
        return stream.isOpen();
    }

    /** Counts a use. */
    void used() {
        uses.increment();
    }

    /** Returns a number that has grown if this was used meanwhile. */
    long uses() {
        return uses.sum();
    }

    /** Returns whether both directions stand between two messages: only then may there be another call. */
    boolean isClean() {
        return input.isBetweenMessages() && output.isBetweenMessages();
    }

    /**
     * Says that there will be nothing more, unless a frame lacks its rest, and closes. Neither side waits for the other's last word, so it may
     * come too late: that does no harm.
     */
    void close() {
        end();
        input.release();
    }

    /** As {@link #close}, for who does not read: who does is told, and closes. */
    void end() {
        if (stream.isOpen() && output.isBetweenMessages()) {
            try {
                output.reset();
            } catch (TransportException e) {
                LOG.log(Level.DEBUG, "{0}: no last reset: {1}", connection(), e.getMessage());
            }
        }
        stream.close();
    }

    /** Cuts the connection; whoever waits in it is told. */
    void abort() {
        stream.abort();
        input.release();
    }
}
