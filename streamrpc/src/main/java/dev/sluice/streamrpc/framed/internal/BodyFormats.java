package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.BodyCodec.BodyFormat;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a caller's types are written and read with: asked for once for each. Grows with the types of a program. Thread-safe. */
final class BodyFormats {
    private final BodyCodec codec;
    private final Map<Class<?>, BodyFormat> byType = new ConcurrentHashMap<>();

    BodyFormats(BodyCodec codec) {
        this.codec = codec;
    }

    private BodyFormat of(Class<?> type) {
        return byType.computeIfAbsent(type, codec::forType);
    }

    byte[] encode(Object value) throws IOException {
        return of(value.getClass()).encode(value);
    }

    <T> T decode(byte[] json, Class<T> type) throws IOException {
        try {
            return type.cast(of(type).decode(json));
        } catch (IOException | RuntimeException e) {
            throw new IOException("cannot decode marshaled reply: " + CallHeader.textOf(e), e);
        }
    }
}
