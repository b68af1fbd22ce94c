package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

@Name("dev.sluice.StalledWrite")
@Label("Stalled Write")
@Description(
        "From a write that a connection took in part only until there was room again, or it was handed to threads, or closed")
@Category("Sluice")
@StackTrace(false)
@Threshold("10 ms")
final class StalledWriteEvent extends Event {
    /** Asked in place of an event that would be made for nothing: a bulk writer has many short writes. */
    private static final StalledWriteEvent PROBE = new StalledWriteEvent();

    @Label("Connection")
    long connection;

    @Label("Local Endpoint")
    String local;

    @Label("Remote Endpoint")
    String remote;

    static Runnable begin(Connection stalled) {
        if (!PROBE.isEnabled()) {
            return null;
        }
        StalledWriteEvent event = new StalledWriteEvent();
        event.begin();
        return () -> event.end(stalled);
    }

    private void end(Connection stalled) {
        end();
        if (shouldCommit()) {
            connection = stalled.id();
            local = stalled.localEndpoint().toString();
            remote = stalled.remoteEndpoint().toString();
            commit();
        }
    }
}
