package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.spi.HandshakeTrace;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("dev.sluice.Handshake")
@Label("Handshake")
@Description("A step on a connection's way in: TLS, detection of the protocol, or the protocol's own handshake")
@Category("Sluice")
@StackTrace(false)
final class HandshakeEvent extends Event {
    private static final String COMPLETED = "COMPLETED";

    @Label("Connection")
    long connection;

    @Label("Local Endpoint")
    String local;

    @Label("Remote Endpoint")
    String remote;

    @Label("Step")
    String step;

    @Label("Outcome")
    @Description("COMPLETED, or why it failed")
    String outcome;

    static HandshakeTrace begin(Connection connection, String step) {
        HandshakeEvent event = new HandshakeEvent();
        if (!event.isEnabled()) {
            return HandshakeTrace.NONE;
        }
        event.begin();
        AtomicBoolean ended = new AtomicBoolean();
        return new HandshakeTrace() {
            @Override
            public void completed() {
                end(COMPLETED);
            }

            @Override
            public void failed(Reason reason) {
                end(reason.name());
            }

            private void end(String outcome) {
                if (ended.compareAndSet(false, true)) {
                    event.end(connection, step, outcome);
                }
            }
        };
    }

    private void end(Connection shaken, String step, String outcome) {
        end();
        if (shouldCommit()) {
            connection = shaken.id();
            local = shaken.localEndpoint().toString();
            remote = shaken.remoteEndpoint().toString();
            this.step = step;
            this.outcome = outcome;
            commit();
        }
    }
}
