package dev.sluice.streamrpc.framed;

import java.io.IOException;
import java.lang.reflect.Type;

/**
 * How values become JSON and the other way round. {@link JacksonBodies} is one. Asked for each type once, when an endpoint is registered or
 * first called, so that a type that it cannot do is found then, and no call looks anything up. Thread-safe.
 */
public interface BodyCodec {
    /**
     * Returns what writes and reads values of a type.
     *
     * @throws IllegalArgumentException if this codec cannot do that
     */
    BodyFormat forType(Type type);

    /** Writes and reads values of one type. Thread-safe. */
    interface BodyFormat {
        /**
         * Returns a value in JSON, without a line feed behind it.
         *
         * @throws IOException if it has none; the text says why
         */
        byte[] encode(Object value) throws IOException;

        /**
         * Reads a value: one JSON document, with blanks around it.
         *
         * @throws IOException if it is none, or not of this type; the text says why
         */
        Object decode(byte[] json) throws IOException;
    }
}
