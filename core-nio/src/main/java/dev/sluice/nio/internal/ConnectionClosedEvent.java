package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("dev.sluice.ConnectionClosed")
@Label("Connection Closed")
@Description("A connection has closed, accepted or dialled")
@Category("Sluice")
@StackTrace(false)
final class ConnectionClosedEvent extends Event {
    @Label("Connection")
    long connection;

    @Label("Local Endpoint")
    String local;

    @Label("Remote Endpoint")
    String remote;

    @Label("Reason")
    String reason;

    @Label("Bytes In")
    @DataAmount
    long bytesIn;

    @Label("Bytes Out")
    @DataAmount
    long bytesOut;

    static void emit(Connection closed, Reason reason) {
        ConnectionClosedEvent event = new ConnectionClosedEvent();
        if (event.isEnabled()) {
            event.connection = closed.id();
            event.local = closed.localEndpoint().toString();
            event.remote = closed.remoteEndpoint().toString();
            event.reason = reason.name();
            event.bytesIn = closed.bytesIn();
            event.bytesOut = closed.bytesOut();
            event.commit();
        }
    }
}
