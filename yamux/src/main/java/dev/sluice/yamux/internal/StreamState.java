package dev.sluice.yamux.internal;

import java.util.EnumMap;
import java.util.Map;

/**
 * Where a stream is in its life: each direction ends on its own.
 *
 * <pre>
 *                    END                      END_SENT
 *   OPEN --------------------&gt; ENDING ------------------------&gt; OUTPUT_ENDED
 *    | REMOTE_END                 | REMOTE_END                     | REMOTE_END
 *    v               END          v           END_SENT             v
 *   INPUT_ENDED -------------&gt; ENDING_LAST -------------------&gt; FINISHED
 *
 *   from any of these but FINISHED: RESET --&gt; WAS_RESET
 * </pre>
 */
enum StreamState {
    /** Both directions carry bytes. */
    OPEN(true, true),
    /** This side has ended its direction, and the peer does not yet know. */
    ENDING(true, false),
    /** The peer was told that this side has ended its direction. */
    OUTPUT_ENDED(true, false),
    /** The peer has ended its direction. */
    INPUT_ENDED(false, true),
    /** The peer has ended its direction and this side, too, which the peer does not yet know. */
    ENDING_LAST(false, false),
    /** Both directions have ended, and both sides forget the stream. */
    FINISHED(false, false),
    /** The stream was cut, by one side or with the session. */
    WAS_RESET(false, false);

    /** What happens to a stream. */
    enum Event {
        /** This side ends its direction. */
        END,
        /** The frame that says so was handed out. */
        END_SENT,
        /** The peer ends its direction. */
        REMOTE_END,
        /** Either side cuts the stream, or the session is over. */
        RESET
    }

    private static final Map<StreamState, Map<Event, StreamState>> NEXT = new EnumMap<>(StreamState.class);

    static {
        allow(OPEN, Event.END, ENDING);
        allow(OPEN, Event.REMOTE_END, INPUT_ENDED);
        allow(ENDING, Event.END_SENT, OUTPUT_ENDED);
        allow(ENDING, Event.REMOTE_END, ENDING_LAST);
        allow(OUTPUT_ENDED, Event.REMOTE_END, FINISHED);
        allow(INPUT_ENDED, Event.END, ENDING_LAST);
        allow(ENDING_LAST, Event.END_SENT, FINISHED);
        for (StreamState live : new StreamState[] {OPEN, ENDING, OUTPUT_ENDED, INPUT_ENDED, ENDING_LAST}) {
            allow(live, Event.RESET, WAS_RESET);
        }
    }

    private final boolean inputOpen;
    private final boolean outputOpen;

    StreamState(boolean inputOpen, boolean outputOpen) {
        this.inputOpen = inputOpen;
        this.outputOpen = outputOpen;
    }

    private static void allow(StreamState from, Event event, StreamState to) {
        NEXT.computeIfAbsent(from, state -> new EnumMap<>(Event.class)).put(event, to);
    }

    /** Returns the state after an event, or null if the event is not legal here. */
    StreamState after(Event event) {
        return NEXT.getOrDefault(this, Map.of()).get(event);
    }

    /** Returns whether the peer has not ended its direction. */
    boolean isInputOpen() {
        return inputOpen;
    }

    /** Returns whether this side has not ended its direction. */
    boolean isOutputOpen() {
        return outputOpen;
    }

    /** Returns whether this side has ended its direction and has not yet told the peer. */
    boolean isEnding() {
        return this == ENDING || this == ENDING_LAST;
    }

    /** Returns whether frames may still come and go. */
    boolean isLive() {
        return this != FINISHED && this != WAS_RESET;
    }
}
