package dev.sluice.grpc;

import dev.sluice.yamux.YamuxStats;
import java.time.Duration;
import java.util.Optional;

/**
 * What the sessions of a {@link PeerRegistry} have done so far, those that have ended included, and what they hold now. Immutable.
 *
 * @param peers sessions now
 * @param joined sessions so far
 * @param inboundStreams live streams that peers opened
 * @param outboundStreams live streams to peers
 * @param accepted streams of peers that were handed to a protocol
 * @param opened streams that were opened to peers
 * @param refused streams of peers that were refused, for a limit or because their session ended
 * @param resetsIn streams that peers reset
 * @param resetsOut streams that were reset here
 * @param stalls times that a stream had bytes to send and no window for them
 * @param memoryBytes what the windows of all streams allow the peers' bytes to take
 * @param windowGrowths times that a receive window was doubled
 * @param longestRtt of the sessions' round-trip times, smoothed; empty if none is known
 */
public record BackchannelStats(
        int peers,
        long joined,
        int inboundStreams,
        int outboundStreams,
        long accepted,
        long opened,
        long refused,
        long resetsIn,
        long resetsOut,
        long stalls,
        long memoryBytes,
        long windowGrowths,
        Optional<Duration> longestRtt) {
    /** Of no session. */
    static final BackchannelStats NONE = new BackchannelStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Optional.empty());

    /** Returns this with what a live session has done and holds. */
    BackchannelStats withLive(YamuxStats session) {
        BackchannelStats done = withEnded(session);
        return new BackchannelStats(
                peers + 1,
                done.joined,
                inboundStreams + session.inboundStreams(),
                outboundStreams + session.outboundStreams(),
                done.accepted,
                done.opened,
                done.refused,
                done.resetsIn,
                done.resetsOut,
                done.stalls,
                memoryBytes + session.memoryBytes(),
                done.windowGrowths,
                longer(longestRtt, session.rtt()));
    }

    /** Returns this with what a session has done that holds nothing any more. */
    BackchannelStats withEnded(YamuxStats session) {
        return new BackchannelStats(
                peers,
                joined + 1,
                inboundStreams,
                outboundStreams,
                accepted + session.accepted(),
                opened + session.opened(),
                refused + session.refused(),
                resetsIn + session.resetsIn(),
                resetsOut + session.resetsOut(),
                stalls + session.stalls(),
                memoryBytes,
                windowGrowths + session.windowGrowths(),
                longestRtt);
    }

    private static Optional<Duration> longer(Optional<Duration> one, Optional<Duration> other) {
        return one.isEmpty() || (other.isPresent() && other.get().compareTo(one.get()) > 0) ? other : one;
    }
}
