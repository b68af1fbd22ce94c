package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("dev.sluice.ConnectionAccepted")
@Label("Connection Accepted")
@Description("A listener has accepted a connection")
@Category("Sluice")
@StackTrace(false)
final class ConnectionAcceptedEvent extends Event {
    @Label("Connection")
    long connection;

    @Label("Local Endpoint")
    String local;

    @Label("Remote Endpoint")
    String remote;

    static void emit(Connection accepted) {
        ConnectionAcceptedEvent event = new ConnectionAcceptedEvent();
        if (event.isEnabled()) {
            event.connection = accepted.id();
            event.local = accepted.localEndpoint().toString();
            event.remote = accepted.remoteEndpoint().toString();
            event.commit();
        }
    }
}
