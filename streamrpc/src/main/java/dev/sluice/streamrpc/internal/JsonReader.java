package dev.sluice.streamrpc.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Reads one JSON object with the habits of Go's {@code encoding/json}: strict syntax, invalid UTF-8 replaced, the whole
 * document checked, a syntax error anywhere before wrong types, and of several wrong types the first. The work is linear in
 * the size of the document.
 */
public final class JsonReader {
    /** Peers choose the field names: no table of them, and no limit but the frame's and the depth's. */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonSyntax.MAX_DEPTH)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Reads the value of one member: exactly one of the methods of the reader that read or skip a value. */
    interface MemberReader {
        void read(String name) throws IOException;
    }

    /** Reads one element of an array, likewise. */
    interface ElementReader {
        void read() throws IOException;
    }

    /** Reads the members of the object that is the document. */
    public interface DocumentReader {
        void read(JsonReader reader, String name) throws IOException;
    }

    private final JsonParser parser;
    private Optional<String> firstError = Optional.empty();

    private JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Reads a document.
     *
     * @param what names the document in texts, for example {@code request}
     * @throws JsonException with a text that says what is wrong
     */
    public static void read(byte[] json, String what, DocumentReader members) throws JsonException {
        try (JsonParser parser = FACTORY.createParser(JsonText.decode(json))) {
            JsonReader reader = new JsonReader(parser);
            reader.document(what, members);
            if (reader.firstError.isPresent()) {
                throw new JsonException(reader.firstError.get());
            }
        } catch (JsonProcessingException e) {
            JsonSyntax.check(json);
            throw new JsonException("json: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("there is no I/O in a string", e);
        }
    }

    private void document(String what, DocumentReader members) throws IOException {
        if (parser.nextToken() == JsonToken.START_OBJECT) {
            eachMember(name -> members.read(this, name));
        } else {
            // An empty document has no token either: the syntax check tells.
            fail("json: " + what + " is " + article(kind()) + ", expected an object");
            parser.skipChildren();
        }
        if (parser.currentToken() == null || parser.nextToken() != null) {
            throw new JsonParseException(parser, "not exactly one value");
        }
    }

    /** Reads the object at hand, which must be one. */
    private void eachMember(MemberReader members) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = JsonText.withoutLoneSurrogates(parser.currentName());
            parser.nextToken();
            members.read(name);
        }
    }

    /** Reads an object, or says that the value should be one; null is neither read nor wrong. */
    void object(String field, MemberReader members) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            eachMember(members);
        } else if (!isNull()) {
            mismatch(field, "object");
        }
    }

    /** Reads an array, or says that the value should be one; null is neither read nor wrong. */
    void array(String field, ElementReader elements) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.read();
            }
        } else if (!isNull()) {
            mismatch(field, "list of strings");
        }
    }

    /** Reads a string; empty if it is null, or if it is something else, which is wrong. */
    public Optional<String> string(String field, String type) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return Optional.of(JsonText.withoutLoneSurrogates(parser.getText()));
        }
        if (!isNull()) {
            mismatch(field, type);
        }
        return Optional.empty();
    }

    /** Returns the literal of a number that is an integer, and skips anything else. */
    public Optional<String> integerLiteral() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return Optional.of(parser.getText());
        }
        skip();
        return Optional.empty();
    }

    /** Returns whether the value at hand is null. */
    public boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    /** Passes over the value at hand, however deep. */
    public void skip() throws IOException {
        parser.skipChildren();
    }

    /** Records what is wrong, unless something was before. */
    public void fail(String text) {
        if (firstError.isEmpty()) {
            firstError = Optional.of(text);
        }
    }

    private void mismatch(String field, String type) throws IOException {
        fail("json: cannot unmarshal " + kind() + " into field " + field + " of type " + type);
        skip();
    }

    private String kind() {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "object";
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
            case VALUE_TRUE, VALUE_FALSE -> "bool";
            default -> "null";
        };
    }

    private static String article(String kind) {
        return switch (kind) {
            case "object", "array" -> "an " + kind;
            case "null", "nothing" -> kind;
            default -> "a " + kind;
        };
    }
}
