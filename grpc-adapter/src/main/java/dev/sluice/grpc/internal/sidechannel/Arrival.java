package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The client's end of a stream that a server has opened, until the number is there that says what it is for. Loop-confined. */
public final class Arrival implements ConnectionHandler {
    private static final Logger LOG = System.getLogger(Arrival.class.getName());

    private final Registrations registrations;
    private final Handshake handshake;
    private final ByteBuffer id = ByteBuffer.allocate(Long.BYTES);

    /** Creates the handler of one stream, whose magic has been read. */
    public Arrival(Registrations registrations, Handshake handshake) {
        this.registrations = registrations;
        this.handshake = handshake;
    }

    @Override
    public void onReadable(Connection stream) throws TransportException {
        if (stream.read(id) < 0) {
            refuse(
                    stream,
                    "sidechannel: fail to extract sidechannel ID: " + (id.position() == 0 ? "EOF" : "unexpected EOF"));
            return;
        }
        if (id.hasRemaining()) {
            return;
        }
        stream.pauseReading();
        long onWire = id.flip().getLong();
        SidechannelMode mode = SidechannelMode.opened(onWire);
        Optional<Registration> registration = registrations.take(mode.onWire(onWire));
        if (registration.isEmpty()) {
            refuse(stream, "sidechannel registry: ID not registered");
            return;
        }
        handshake.complete();
        registration.get().arrived(stream, mode);
    }

    private void refuse(Connection stream, String why) {
        LOG.log(Level.DEBUG, "{0}: {1}", stream, why);
        handshake.failed();
        stream.close();
    }

    @Override
    public void onClosed(Connection stream, TransportException cause) {
        LOG.log(Level.DEBUG, "{0}: no sidechannel any more: {1}", stream, cause.getMessage());
    }
}
