package dev.sluice.cli.yamux;

import dev.sluice.yamux.internal.Flags;
import dev.sluice.yamux.internal.Frame;
import dev.sluice.yamux.internal.FrameType;
import dev.sluice.yamux.internal.GoAway;
import java.util.ArrayList;
import java.util.List;

/** What a frame means, for a person. */
final class FrameMeaning {
    private FrameMeaning() {}

    static String of(FrameType type, int flags, long streamId, long length) {
        return switch (type) {
            case PING -> ping(flags);
            case GO_AWAY -> goAway(length);
            case DATA, WINDOW_UPDATE -> stream(type, flags, streamId, length);
        };
    }

    private static String ping(int flags) {
        if (Flags.isSet(flags, Flags.SYN)) {
            return "ping";
        }
        return Flags.isSet(flags, Flags.ACK) ? "pong" : "neither ping nor pong";
    }

    private static String goAway(long code) {
        if (code == GoAway.NORMAL) {
            return "accepts no more streams";
        }
        String name = code == GoAway.PROTOCOL_ERROR
                ? ": protocol error"
                : code == GoAway.INTERNAL_ERROR ? ": internal error" : "";
        return "ends the session with code " + code + name;
    }

    private static String stream(FrameType type, int flags, long streamId, long length) {
        if (streamId == Frame.SESSION) {
            return "breaks the protocol: stream 0 is the session";
        }
        boolean reset = Flags.isSet(flags, Flags.RST);
        List<String> parts = new ArrayList<>();
        if (Flags.isSet(flags, Flags.SYN)) {
            parts.add("opens stream " + streamId);
        }
        if (Flags.isSet(flags, Flags.ACK)) {
            parts.add("accepts stream " + streamId);
        }
        if (type == FrameType.DATA && length > 0) {
            parts.add("data");
        }
        if (type == FrameType.WINDOW_UPDATE && length > 0 && !reset) {
            parts.add("window +" + length);
        }
        if (Flags.isSet(flags, Flags.FIN)) {
            parts.add("ends");
        }
        if (reset) {
            parts.add(type == FrameType.WINDOW_UPDATE && length > 0 ? "resets with code " + length : "resets");
        }
        return parts.isEmpty() ? "says nothing" : String.join(", ", parts);
    }
}
