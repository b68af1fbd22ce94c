package dev.sluice.streamrpc.framed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.Type;

/**
 * Records, beans and all else that {@code jackson-databind} knows, which is an optional dependency: it has to be on the path if this class is used.
 * Needs the users' packages opened to it where those are in modules. Immutable.
 */
public final class JacksonBodies implements BodyCodec {
    private final ObjectMapper mapper;

    private JacksonBodies(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * Returns a codec with the habits of Go's {@code encoding/json}, which the protocol's first implementation used: fields that are not known are
     * ignored, names count in any case of letters, and what is missing is zero, empty or null.
     */
    public static JacksonBodies create() {
        return of(JsonMapper.builder()
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .build());
    }

    /** Returns a codec that works as a mapper does, but for what follows a document, which is always an error. */
    public static JacksonBodies of(ObjectMapper mapper) {
        return new JacksonBodies(mapper.copy().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
    }

    @Override
    public BodyFormat forType(Type type) {
        JavaType known = mapper.constructType(type);
        return new Format(mapper.writer(), mapper.readerFor(known));
    }

    private record Format(ObjectWriter writer, ObjectReader reader) implements BodyFormat {
        @Override
        public byte[] encode(Object value) throws IOException {
            try {
                return writer.writeValueAsBytes(value);
            } catch (JsonProcessingException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }

        @Override
        public Object decode(byte[] json) throws IOException {
            try {
                return reader.readValue(json);
            } catch (JsonProcessingException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }
    }
}
