package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.CallFailedException;
import dev.sluice.streamrpc.framed.CallStatus;
import dev.sluice.streamrpc.internal.JsonException;
import dev.sluice.streamrpc.internal.JsonReader;
import dev.sluice.streamrpc.internal.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a request and its answer begin with, and what octets that failed end with (docs/framed-rpc.md, section 3): a JSON object with
 * five fields and a line feed. Types and status are numbers that the peer chose, and may be any. Immutable.
 *
 * @param endpoint that is called; empty in an answer
 * @param dataType of the body that follows
 * @param accept what the caller wants for an answer; 0 in an answer
 * @param status unsigned; 0 in a request
 * @param text of an error
 */
record CallHeader(String endpoint, int dataType, int accept, long status, String text) {
    /** The longest header in JSON: fixed by the protocol. */
    static final int MAX_BYTES = 4096;

    /** The endpoint of the control request that ends a connection. */
    static final String CLOSE = "Close";

    private static final int MAX_TYPE = 0xFF;
    /** What of a text is left out stands for this. */
    private static final String CUT = "...";

    static CallHeader request(String endpoint, DataType body, DataType answer) {
        return new CallHeader(endpoint, body.code(), answer.code(), 0, "");
    }

    static CallHeader answer(DataType body) {
        return new CallHeader("", body.code(), 0, CallStatus.OK.code(), "");
    }

    static CallHeader error(CallStatus status, String text) {
        return new CallHeader("", 0, 0, status.code(), text);
    }

    /** What a handler, or octets, failed with. */
    static CallHeader failure(Throwable thrown) {
        return error(CallStatus.ERROR, textOf(thrown));
    }

    static String textOf(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    }

    boolean isControl() {
        return dataType == DataType.CONTROL.code();
    }

    boolean isOk() {
        return status == CallStatus.OK.code();
    }

    /** Returns the error that this says; throws if it is one that nobody has defined. */
    CallFailedException toFailure() throws TransportException {
        CallStatus known = CallStatus.of(status)
                .filter(s -> s != CallStatus.OK)
                .orElseThrow(() -> new TransportException(
                        Reason.PROTOCOL_ERROR,
                        "a header with the status " + Long.toUnsignedString(status) + ", expected an error"));
        return new CallFailedException(known, text);
    }

    /**
     * Returns the header in JSON. A text that is too long for it is cut at its end.
     *
     * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if the endpoint's name alone is too long
     */
    byte[] encode() throws TransportException {
        int keep = Math.min(text.length(), MAX_BYTES); // a character takes a byte at least
        byte[] json = toJson(keep == text.length() ? text : text.substring(0, keep) + CUT);
        while (json.length > MAX_BYTES) {
            // And six at most, so at least this many are too many.
            keep -= Math.max(1, (json.length - MAX_BYTES) / 6);
            if (keep < 0) {
                throw new TransportException(
                        Reason.LIMIT_EXCEEDED,
                        "the name of the endpoint, of " + endpoint.length()
                                + " characters, is too long for a header of " + MAX_BYTES + " bytes");
            }
            json = toJson(text.substring(0, keep) + CUT);
        }
        return json;
    }

    private byte[] toJson(String shownText) {
        StringBuilder json = new StringBuilder(128);
        json.append("{\"Endpoint\":");
        JsonText.appendQuoted(json, endpoint);
        json.append(",\"DataType\":").append(dataType);
        json.append(",\"Accept\":").append(accept);
        json.append(",\"Error\":").append(Long.toUnsignedString(status));
        json.append(",\"ErrorMessage\":");
        JsonText.appendQuoted(json, shownText);
        json.append("}\n");
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a header. Fields that are not known are ignored, those that are missing are 0 or empty.
     *
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if it is none
     */
    static CallHeader parse(byte[] json) throws TransportException {
        Fields fields = new Fields();
        try {
            JsonReader.read(json, "header", fields::read);
        } catch (JsonException e) {
            throw new TransportException(Reason.PROTOCOL_ERROR, "cannot read header: " + e.getMessage(), e);
        }
        return new CallHeader(fields.endpoint, fields.dataType, fields.accept, fields.status, fields.text);
    }

    /** The fields so far. Names count in any case of letters, as in Go. */
    private static final class Fields {
        private String endpoint = "";
        private int dataType;
        private int accept;
        private long status;
        private String text = "";

        void read(JsonReader reader, String name) throws IOException {
            if (name.equalsIgnoreCase("Endpoint")) {
                endpoint = reader.string(name, "string").orElse(endpoint);
            } else if (name.equalsIgnoreCase("DataType")) {
                dataType = type(reader, name, dataType);
            } else if (name.equalsIgnoreCase("Accept")) {
                accept = type(reader, name, accept);
            } else if (name.equalsIgnoreCase("Error")) {
                status = number(reader, name, "uint64").orElse(status);
            } else if (name.equalsIgnoreCase("ErrorMessage")) {
                text = reader.string(name, "string").orElse(text);
            } else {
                reader.skip();
            }
        }

        private static int type(JsonReader reader, String name, int before) throws IOException {
            Optional<Long> code = number(reader, name, "uint8");
            if (code.isPresent() && Long.compareUnsigned(code.get(), MAX_TYPE) > 0) {
                fail(reader, name, "uint8");
                return before;
            }
            return code.map(Long::intValue).orElse(before);
        }

        private static Optional<Long> number(JsonReader reader, String name, String type) throws IOException {
            if (reader.isNull()) {
                return Optional.empty();
            }
            Optional<String> literal = reader.integerLiteral();
            try {
                return Optional.of(Long.parseUnsignedLong(literal.orElse("")));
            } catch (NumberFormatException e) { // negative, too large, or no integer at all
                fail(reader, name, type);
                return Optional.empty();
            }
        }

        private static void fail(JsonReader reader, String name, String type) {
            reader.fail("json: the value of field " + name + " is not of type " + type);
        }
    }
}
