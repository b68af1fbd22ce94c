package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;

/**
 * What a call's metadata says of a sidechannel (docs/sidechannel.md, section 2). Immutable.
 *
 * @param ids all of {@link #ID}: each proxy on the way has added its own, the last one is of who is at the other end of the connection
 * @param isUnframed whether that one also knows a sidechannel without packets. It repeats all ids to say so; a proxy that knows nothing of this
 *     passes that on as it stands, behind an id of its own, and the two differ
 */
public record SidechannelOffer(List<String> ids, boolean isUnframed) {
    static final Metadata.Key<String> ID = Metadata.Key.of("gitaly-sidechannel-id", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> UNFRAMED =
            Metadata.Key.of("sluice-sidechannel-unframed", Metadata.ASCII_STRING_MARSHALLER);

    /** Copies the ids. */
    public SidechannelOffer {
        ids = List.copyOf(ids);
    }

    /** Returns what a call offers; no ids if it offers nothing. */
    public static SidechannelOffer in(Metadata headers) {
        List<String> ids = all(headers, ID);
        List<String> repeated = all(headers, UNFRAMED);
        boolean unframed =
                !repeated.isEmpty() && repeated.get(repeated.size() - 1).equals(String.join(",", ids));
        return new SidechannelOffer(ids, unframed);
    }

    private static List<String> all(Metadata headers, Metadata.Key<String> key) {
        List<String> values = new ArrayList<>();
        Iterable<String> present = headers.getAll(key);
        if (present != null) {
            present.forEach(values::add);
        }
        return values;
    }

    /** Offers a sidechannel in a call that is about to be made, behind those that it offers already: the last one counts. */
    static void add(Metadata headers, long id) {
        headers.put(ID, Long.toString(id));
        headers.discardAll(UNFRAMED);
        headers.put(UNFRAMED, String.join(",", all(headers, ID)));
    }

    /** Returns whether there is a sidechannel on offer. */
    public boolean isPresent() {
        return !ids.isEmpty();
    }

    /**
     * Returns the number of the sidechannel.
     *
     * @throws TransportException with {@link Reason#UNSUPPORTED} if none is offered, {@link Reason#PROTOCOL_ERROR} if that is no number
     */
    long id() throws TransportException {
        if (ids.isEmpty()) {
            throw none();
        }
        String last = ids.get(ids.size() - 1);
        try {
            return Long.parseLong(last);
        } catch (NumberFormatException e) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR, "sidechannel: sidechannel-id is no decimal number of 64 bits: " + last, e);
        }
    }

    /** Returns the failure of a call that offers none. */
    public static TransportException none() {
        return new TransportException(Reason.UNSUPPORTED, "sidechannel: sidechannel-id not found in incoming metadata");
    }
}
