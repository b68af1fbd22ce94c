package dev.sluice.streamrpc.framed.internal;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides by its header what becomes of a request (docs/framed-rpc.md, section 4). Immutable. */
public final class EndpointTable {
    private final Map<String, ServedEndpoint> byName;

    /** Creates the table. */
    public EndpointTable(Map<String, ServedEndpoint> byName) {
        this.byName = byName;
    }

    /** Returns the names of all endpoints. */
    public Set<String> names() {
        return byName.keySet();
    }

    /**
     * What is to be done: one of three.
     *
     * @param served the endpoint to call
     * @param refusal what to answer instead; its body is to be read and forgotten
     */
    record Verdict(Optional<ServedEndpoint> served, Optional<String> refusal) {
        /** The client hangs up. */
        static final Verdict CLOSE = new Verdict(Optional.empty(), Optional.empty());

        static Verdict refuse(String text) {
            return new Verdict(Optional.empty(), Optional.of(text));
        }

        boolean isClose() {
            return served.isEmpty() && refusal.isEmpty();
        }
    }

    Verdict judge(CallHeader request) {
        String name = request.endpoint();
        if (request.isControl()) {
            return name.equals(CallHeader.CLOSE)
                    ? Verdict.CLOSE
                    : Verdict.refuse("unregistered control endpoint " + name);
        }
        Optional<ServedEndpoint> found = find(name);
        if (found.isEmpty()) {
            return Verdict.refuse(unregistered(name));
        }
        ServedEndpoint served = found.get();
        if (request.dataType() != served.inputType().code()) {
            return Verdict.refuse(wrong("DataType", name, served.inputType(), request.dataType()));
        }
        if (request.accept() != served.outputType().code()) {
            return Verdict.refuse(wrong("Accept", name, served.outputType(), request.accept()));
        }
        return new Verdict(found, Optional.empty());
    }

    Optional<ServedEndpoint> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    static String unregistered(String name) {
        return "unregistered endpoint " + name;
    }

    static String wrong(String field, String name, DataType has, int provided) {
        return "wrong " + field + " for endpoint " + name + " (has " + has + ", you provided "
                + DataType.nameOf(provided) + ")";
    }
}
