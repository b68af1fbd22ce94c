package dev.sluice.yamux;

import java.time.Duration;
import java.util.Optional;

/**
 * What a session has done since it began, and what it holds now. Immutable.
 *
 * @param inboundStreams that the peer opened and that are live now
 * @param outboundStreams that this side opened and that are live now, those that wait for their turn included
 * @param accepted streams of the peer that were handed to the application
 * @param opened streams that this side opened
 * @param refused streams of the peer that were answered with a reset, for a limit or because the session ends
 * @param resetsIn streams that the peer reset
 * @param resetsOut streams that this side reset
 * @param stalls times that a stream had bytes to send and no window for them
 * @param memoryBytes what the windows of all streams allow the peers' bytes to take, and what of it still lies unread in streams that have ended
 * @param windowGrowths times that a receive window was doubled
 * @param rtt of pings, smoothed; empty before the first answer
 * @param framesIn complete frames that were received
 * @param framesOut frames that were handed out to be written
 * @param framesDropped frames that were received for streams that this side does not know
 * @param pongsDropped pings that were not answered because too many answers waited
 */
public record YamuxStats(
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
        Optional<Duration> rtt,
        long framesIn,
        long framesOut,
        long framesDropped,
        long pongsDropped) {}
