package dev.sluice.mux.internal;

import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which protocol wants a connection that begins with certain bytes. A function, no I/O. Immutable. */
public final class ProtocolTable {
    private final List<Protocol> withMagic = new ArrayList<>();
    private final List<byte[]> magics = new ArrayList<>();
    private final Optional<Protocol> fallback;

    /**
     * Creates the table.
     *
     * @throws IllegalArgumentException if two protocols have the same magic or name, or two have none, or there is none at all
     */
    public ProtocolTable(List<Protocol> protocols) {
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException("a server needs at least one protocol");
        }
        Map<Object, Protocol> seen = new HashMap<>();
        Protocol other = null;
        for (Protocol protocol : protocols) {
            requireNew(seen, "name '" + protocol.name() + "'", protocol);
            if (protocol.magic().isEmpty()) {
                requireNew(seen, "place for clients without magic", protocol);
                other = protocol;
            } else {
                Magic magic = protocol.magic().get();
                requireNew(seen, "magic '" + magic.text() + "'", protocol);
                withMagic.add(protocol);
                magics.add(magic.bytes());
            }
        }
        fallback = Optional.ofNullable(other);
    }

    private static void requireNew(Map<Object, Protocol> seen, String what, Protocol protocol) {
        Protocol before = seen.putIfAbsent(what, protocol);
        if (before != null) {
            throw new IllegalArgumentException(
                    "the " + what + " is claimed by two protocols: " + before + " and " + protocol);
        }
    }

    /** What the bytes so far mean. */
    public enum Verdict {
        /** A magic may still come. */
        UNDECIDED,
        /** They are a magic. */
        MAGIC,
        /** They cannot become a magic. */
        NO_MAGIC
    }

    /** Judges the first {@code length} bytes of a connection, at most {@link Magic#LENGTH}. */
    public Verdict judge(byte[] first, int length) {
        Verdict verdict = Verdict.NO_MAGIC;
        for (byte[] magic : magics) {
            if (startsWith(magic, first, length)) {
                verdict = length == Magic.LENGTH ? Verdict.MAGIC : Verdict.UNDECIDED;
            }
        }
        return verdict;
    }

    /** Returns the protocol whose magic {@code first} is. */
    public Protocol byMagic(byte[] first) {
        for (int i = 0; i < magics.size(); i++) {
            if (startsWith(magics.get(i), first, Magic.LENGTH)) {
                return withMagic.get(i);
            }
        }
        throw new IllegalStateException("asked for a protocol before a magic was seen");
    }

    /** Returns the protocol for all clients without magic. */
    public Optional<Protocol> fallback() {
        return fallback;
    }

    private static boolean startsWith(byte[] magic, byte[] first, int length) {
        for (int i = 0; i < length; i++) {
            if (magic[i] != first[i]) {
                return false;
            }
        }
        return true;
    }
}
