package dev.sluice.nio.internal;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.Optional;

/**
 * A window of a file mapped for reading, which can be unmapped at a definite time: by the memory API where the JDK has it (22
 * on), by {@code sun.misc.Unsafe.invokeCleaner} before that. Without either, mapping is not used.
 */
final class FileMapping implements AutoCloseable {
    private static final Optional<Mapper> MAPPER = findMapper();

    private final ByteBuffer bytes;
    private final AutoCloseable unmapper;

    private FileMapping(ByteBuffer bytes, AutoCloseable unmapper) {
        this.bytes = bytes;
        this.unmapper = unmapper;
    }

    static boolean canUnmap() {
        return MAPPER.isPresent();
    }

    /** Maps {@code count} bytes; call only if {@link #canUnmap()}. Confined to the calling thread. */
    static FileMapping of(FileChannel file, long position, int count) throws IOException {
        try {
            return MAPPER.orElseThrow().map(file, position, count);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IOException("cannot map the file", t);
        }
    }

    /**
     * Returns the mapped bytes. A file that was cut since makes writing from them to a channel fail with an IOException, and
     * reading them in Java with an InternalError.
     */
    ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        try {
            unmapper.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot unmap", e);
        }
    }

    private interface Mapper {
        FileMapping map(FileChannel file, long position, int count) throws Throwable;
    }

    private static Optional<Mapper> findMapper() {
        try {
            return Optional.of(arenaMapper());
        } catch (ReflectiveOperationException e) {
            return findUnsafeMapper();
        }
    }

    /** {@code file.map(READ_ONLY, position, count, Arena.ofConfined()).asByteBuffer()}, final since Java 22. */
    private static Mapper arenaMapper() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 22) {
            throw new ClassNotFoundException("the memory API is not final before 22");
        }
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> arena = Class.forName("java.lang.foreign.Arena");
        Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
        MethodHandle ofConfined = lookup.findStatic(arena, "ofConfined", MethodType.methodType(arena));
        MethodHandle map = lookup.findVirtual(
                FileChannel.class, "map", MethodType.methodType(segment, MapMode.class, long.class, long.class, arena));
        MethodHandle asByteBuffer =
                lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class));
        return (file, position, count) -> {
            AutoCloseable scope = (AutoCloseable) ofConfined.invoke();
            try {
                Object mapped = map.invoke(file, MapMode.READ_ONLY, position, (long) count, scope);
                return new FileMapping((ByteBuffer) asByteBuffer.invoke(mapped), scope);
            } catch (Throwable t) {
                scope.close();
                throw t;
            }
        };
    }

    private static Optional<Mapper> findUnsafeMapper() {
        try {
            Class<?> unsafeClass = Class.forName("sun.misc.Unsafe");
            Field instance = unsafeClass.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            MethodHandle invokeCleaner = MethodHandles.lookup()
                    .findVirtual(unsafeClass, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
            return Optional.of((file, position, count) -> {
                ByteBuffer mapped = file.map(MapMode.READ_ONLY, position, count);
                return new FileMapping(mapped, () -> clean(invokeCleaner, mapped));
            });
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static void clean(MethodHandle invokeCleaner, ByteBuffer mapped) {
        try {
            invokeCleaner.invokeExact(mapped);
        } catch (Throwable t) {
            throw new IllegalStateException("cannot unmap", t);
        }
    }
}
