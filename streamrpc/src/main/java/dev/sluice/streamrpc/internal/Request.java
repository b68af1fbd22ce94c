package dev.sluice.streamrpc.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The request of a StreamRPC 00 handshake: a JSON object with the members {@code Method}, {@code Message} (base64) and
 * {@code Metadata} (lists of strings by name).
 *
 * <p>Immutable. Not a record because of the array, which is copied on the way in and out and compared by its content.
 */
public final class Request {
    private static final String METHOD = "Method";
    private static final String MESSAGE = "Message";
    private static final String METADATA = "Metadata";
    private static final byte[] NO_BYTES = {};

    private final String method;
    private final byte[] message;
    private final Map<String, List<String>> metadata;

    /**
     * Creates a request.
     *
     * @param method full name, {@code /package.Service/Method}
     * @param message the serialized message, copied
     * @param metadata copied; its order counts for readers of this object, on the wire the names are sorted
     */
    public Request(String method, byte[] message, Map<String, List<String>> metadata) {
        this(message.clone(), Objects.requireNonNull(method, "method"), copyOf(metadata));
    }

    /** Takes everything over; in another order than the constructor that copies. */
    private Request(byte[] message, String method, Map<String, List<String>> metadata) {
        this.method = method;
        this.message = message;
        this.metadata = metadata;
    }

    private static Map<String, List<String>> copyOf(Map<String, List<String>> metadata) {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        metadata.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        return Collections.unmodifiableMap(copy);
    }

    /** Returns the full method name, {@code /package.Service/Method}; what a peer sent need not have that form. */
    public String method() {
        return method;
    }

    /** Returns a copy of the serialized message. */
    public byte[] message() {
        return message.clone();
    }

    /** Returns the serialized message as a stream, without a copy. */
    public InputStream messageStream() {
        return new ByteArrayInputStream(message);
    }

    /** Returns the metadata as it was sent, unmodifiable; see {@link MetadataCodec}. */
    public Map<String, List<String>> metadata() {
        return metadata;
    }

    /** Returns the payload of the request frame, byte for byte as Go writes it. It may be longer than a frame can be. */
    public byte[] toJson() {
        StringBuilder out = new StringBuilder(64 + method.length() + message.length / 3 * 4);
        out.append("{\"" + METHOD + "\":");
        JsonText.appendQuoted(out, method);
        out.append(",\"" + MESSAGE + "\":\"").append(Base64Text.encode(message)).append('"');
        out.append(",\"" + METADATA + "\":");
        appendMetadata(out);
        return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void appendMetadata(StringBuilder out) {
        if (metadata.isEmpty()) {
            out.append("null");
            return;
        }
        List<String> names = new ArrayList<>(metadata.keySet());
        // Go sorts by bytes. Java would sort by UTF-16 units, which differs beyond the basic plane.
        names.sort((a, b) ->
                Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
        char separator = '{';
        for (String name : names) {
            out.append(separator);
            JsonText.appendQuoted(out, name);
            out.append(':');
            appendList(out, metadata.get(name));
            separator = ',';
        }
        out.append('}');
    }

    private static void appendList(StringBuilder out, List<String> values) {
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            JsonText.appendQuoted(out, values.get(i));
        }
        out.append(']');
    }

    /**
     * Reads the payload of a request frame as Go does: member names in any case, unknown ones skipped, the last duplicate wins
     * (metadata objects are merged), null is the same as absent. What is absent is empty, the method name too.
     *
     * @throws BadRequestException with the text for the rejection
     */
    public static Request parse(byte[] json) throws BadRequestException {
        Builder builder = new Builder();
        try {
            JsonReader.read(json, "request", builder::member);
        } catch (JsonException e) {
            throw new BadRequestException(e);
        }
        return builder.build();
    }

    private static final class Builder {
        private String method = "";
        private byte[] message = NO_BYTES;
        private final Map<String, List<String>> metadata = new LinkedHashMap<>();

        void member(JsonReader reader, String name) throws IOException {
            if (name.equalsIgnoreCase(METHOD)) {
                reader.string(METHOD, "string").ifPresent(text -> method = text);
            } else if (name.equalsIgnoreCase(MESSAGE)) {
                readMessage(reader);
            } else if (name.equalsIgnoreCase(METADATA)) {
                readMetadata(reader);
            } else {
                reader.skip();
            }
        }

        private void readMessage(JsonReader reader) throws IOException {
            Optional<String> text = reader.string(MESSAGE, "base64 string");
            try {
                message = text.isPresent() ? Base64Text.decode(text.get()) : NO_BYTES;
            } catch (JsonException e) {
                reader.fail(e.getMessage());
            }
        }

        private void readMetadata(JsonReader reader) throws IOException {
            if (reader.isNull()) {
                metadata.clear();
            }
            reader.object(METADATA, name -> {
                List<String> values = new ArrayList<>();
                String field = METADATA + "[" + JsonText.excerpt(name) + "]";
                reader.array(
                        field, () -> values.add(reader.string(field, "string").orElse("")));
                metadata.put(name, Collections.unmodifiableList(values));
            });
        }

        Request build() {
            return new Request(message, method, Collections.unmodifiableMap(metadata));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Request that
                && method.equals(that.method)
                && Arrays.equals(message, that.message)
                && metadata.equals(that.metadata);
    }

    @Override
    public int hashCode() {
        return Objects.hash(method, Arrays.hashCode(message), metadata);
    }

    /** Names the method and the sizes, never the content. */
    @Override
    public String toString() {
        return "Request[" + method + ", " + message.length + " bytes, metadata " + metadata.keySet() + "]";
    }
}
