package dev.sluice.tls.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.HandshakeTrace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * The first handler of the connection below: shakes hands, then makes the connection above. Time is limited by whoever attached it.
 * Loop-confined.
 */
final class TlsHandshake implements ConnectionHandler {
    private static final Logger LOG = System.getLogger(TlsHandshake.class.getName());

    /** What comes of a handshake. */
    interface Outcome {
        /** Both sides agree. The callee gives the connection below another handler. */
        void established(Connection below, RecordLayer records);

        /** They do not, and the connection below is closing. */
        void failed(TransportException why);
    }

    private final EngineSetup setup;
    private final Outcome outcome;
    private RecordLayer records;
    private HandshakeTrace trace = HandshakeTrace.NONE;
    private boolean over;

    TlsHandshake(EngineSetup setup, Outcome outcome) {
        this.setup = setup;
        this.outcome = outcome;
    }

    @Override
    public void onAttached(Connection below) throws IOException {
        trace = HandshakeTrace.begin(below, "tls");
        EngineDriver driver = new EngineDriver(setup.newEngine());
        records = new RecordLayer(below, driver, setup.nets(), setup.taskExecutor(), () -> goOn(below));
        driver.beginHandshake();
        goOn(below);
    }

    @Override
    public void onReadable(Connection below) {
        goOn(below);
    }

    @Override
    public void onWritable(Connection below) {
        goOn(below);
    }

    private void goOn(Connection below) {
        if (over) {
            return;
        }
        try {
            if (!records.handshake()) {
                if (!over && !records.isStuck()) {
                    below.resumeReading(); // it may have been paused meanwhile
                }
                return;
            }
        } catch (IOException | RuntimeException e) {
            if (!over) { // else the connection below has failed, and told so
                refuse(below, e);
            }
            return;
        }
        over = true;
        setup.metrics().established();
        trace.completed();
        try {
            outcome.established(below, records);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "closing " + below + ": whoever was to take the connection failed", e);
            below.abort(TransportException.of(below + ": taking the connection", e));
        }
    }

    /** The engine has an alert for the peer, unless what came was no TLS at all. */
    private void refuse(Connection below, Exception failure) {
        over = true; // the connection below may break when the alert is written: the first failure is the one to tell
        TransportException why = Failures.describe(below + ": TLS handshake", failure);
        boolean alert =
                !(failure instanceof TlsProtocolException || failure instanceof TransportException) && sayAlert();
        ByteBuffer unsent = fail(why);
        if (alert) {
            below.handler(new Farewell(unsent));
        } else {
            below.abort(why);
        }
    }

    private boolean sayAlert() {
        try {
            records.answer();
            return true;
        } catch (IOException | RuntimeException e) {
            return false; // as said above
        }
    }

    private ByteBuffer fail(TransportException why) {
        over = true;
        tellFailure(why);
        ByteBuffer unsent = records.release();
        records.driver().release();
        outcome.failed(why);
        return unsent;
    }

    private void tellFailure(TransportException why) {
        setup.metrics().failed(why);
        trace.failed(why.reason());
    }

    @Override
    public void onClosed(Connection below, TransportException cause) {
        if (over) {
            return;
        }
        TransportException why = new TransportException(cause.reason(), "TLS handshake: " + cause.getMessage(), cause);
        if (records == null) {
            over = true;
            tellFailure(why);
            outcome.failed(why);
        } else {
            fail(why);
        }
    }
}
