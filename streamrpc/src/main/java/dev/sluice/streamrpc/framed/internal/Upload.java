package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.Octets;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Octets on their way to the server while the caller reads the answer, which may come early: then what is left of them is not sent. Runs on a
 * thread of the client's executor.
 */
final class Upload implements Runnable {
    private static final Logger LOG = System.getLogger(Upload.class.getName());

    private final Link link;
    private final byte[] header;
    private final Octets octets;
    /** This, and whoever reads the answer. */
    private final AtomicInteger underWay = new AtomicInteger(2);

    private volatile Runnable then = () -> {};
    /** What the octets' source failed with; known before the server can answer to that. Null while it has not. */
    private volatile Throwable failure;

    private volatile boolean answered;

    Upload(Link link, byte[] header, Octets octets) {
        this.link = link;
        this.header = header;
        this.octets = octets;
    }

    @Override
    public void run() {
        try {
            link.output().octets(header, octets, this::failed);
        } catch (TransportException e) { // which the caller's thread finds, too
            LOG.log(Level.DEBUG, "{0}: octets not sent: {1}", link.connection(), e.getMessage());
        } catch (RuntimeException e) {
            failed(e);
            link.abort();
        } finally {
            abandon();
        }
        if (failure != null && !link.isExtended()) {
            link.end(); // the reset was the last word; some servers would wait for more
        }
    }

    /** Nothing will be sent any more. */
    void abandon() {
        ServedConnection.close(octets);
        end();
    }

    private void failed(Throwable thrown) {
        if (!answered) {
            failure = thrown;
        }
    }

    /** Returns why the octets could not be sent, if that was their own fault. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** The answer was read. When the upload, too, is over, {@code then} runs, on either's thread. */
    void answered(Runnable then) {
        answered = true;
        this.then = then;
        link.output().stopOctets(); // if there are any still
        end();
    }

    private void end() {
        if (underWay.decrementAndGet() == 0) {
            then.run();
        }
    }
}
