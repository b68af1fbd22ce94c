package dev.sluice.streamrpc.framed;

/**
 * How large a message of each kind may be. Frames and headers have limits of their own, which the protocol fixes: 4 MiB and 4 KiB. Immutable.
 *
 * @param requestBytes of a JSON request
 * @param responseBytes of a JSON answer
 * @param octetBytes of octets, in either direction
 * @param unwantedBytes what of a body that nobody wants is read for the sake of the next call; beyond that the connection ends
 */
public record FramedLimits(int requestBytes, int responseBytes, long octetBytes, long unwantedBytes) {
    /** 4 MiB of request, 8 MiB of answer, any octets, 16 MiB unwanted. */
    public static final FramedLimits DEFAULT = new FramedLimits(4 << 20, 8 << 20, Long.MAX_VALUE, 16 << 20);

    /** Checks that none is negative. */
    public FramedLimits {
        if (requestBytes < 0 || responseBytes < 0 || octetBytes < 0 || unwantedBytes < 0) {
            throw new IllegalArgumentException("limits must be at least 0, are " + requestBytes + ", " + responseBytes
                    + ", " + octetBytes + " and " + unwantedBytes);
        }
    }
}
