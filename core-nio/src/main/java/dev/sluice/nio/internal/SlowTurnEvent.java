package dev.sluice.nio.internal;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Has its time in a field: the event's own would include the loop's wait for something to do. */
@Name("dev.sluice.SlowTurn")
@Label("Slow Turn")
@Description("A turn of an event loop took more than 100 ms: something has blocked the loop")
@Category("Sluice")
@StackTrace(false)
final class SlowTurnEvent extends Event {
    @Label("Loop")
    String loop;

    @Label("Busy")
    @Description("Without the wait for something to do")
    @Timespan
    long busy;

    static void emit(String loop, long busyNanos) {
        SlowTurnEvent event = new SlowTurnEvent();
        if (event.isEnabled()) {
            event.loop = loop;
            event.busy = busyNanos;
            event.commit();
        }
    }
}
