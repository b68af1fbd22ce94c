package dev.sluice.nio.internal;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Windows of files mapped for reading, which are unmapped together at a definite time: by the memory API where the JDK has it (22
 * on), by {@code sun.misc.Unsafe.invokeCleaner} before that. Without either, mapping is not used. The files may be closed
 * meanwhile.
 *
 * <p>For one thread at a time, which is the same one all the time if they are {@linkplain #confined() confined}.
 */
final class FileMappings implements AutoCloseable {
    private static final Optional<Mapper> MAPPER = findMapper();

    private final Scope scope;
    private long bytes;

    private FileMappings(Scope scope) {
        this.scope = scope;
    }

    static boolean canUnmap() {
        return MAPPER.isPresent();
    }

    /** Returns an empty set for the calling thread, which closes it, too. Call only if {@link #canUnmap()}. */
    static FileMappings confined() {
        return new FileMappings(MAPPER.orElseThrow().newScope(false));
    }

    /**
     * Returns an empty set that any thread may close. From 22 on all threads of the JVM take part in that, which takes some tenths
     * of a millisecond: worth it for much at a time only. Call only if {@link #canUnmap()}.
     */
    static FileMappings shared() {
        return new FileMappings(MAPPER.orElseThrow().newScope(true));
    }

    /**
     * Maps {@code count} bytes, at least 1, and returns them. A file that is cut later makes writing from them to a channel fail
     * with an IOException, and reading them in Java with an InternalError.
     */
    ByteBuffer map(FileChannel file, long position, int count) throws IOException {
        try {
            ByteBuffer mapped = scope.map(file, position, count);
            bytes += count;
            return mapped;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IOException("cannot map the file", t);
        }
    }

    /** Returns how many bytes are mapped. */
    long bytes() {
        return bytes;
    }

    /** Unmaps all; what {@link #map} returned must not be used any more. Once. */
    @Override
    public void close() {
        try {
            scope.close();
        } catch (Throwable t) {
            throw new IllegalStateException("cannot unmap", t);
        }
    }

    private interface Mapper {
        Scope newScope(boolean shared);
    }

    private interface Scope {
        ByteBuffer map(FileChannel file, long position, int count) throws Throwable;

        void close() throws Throwable;
    }

    private static Optional<Mapper> findMapper() {
        try {
            return Optional.of(arenaMapper());
        } catch (ReflectiveOperationException e) {
            return findUnsafeMapper();
        }
    }

    /** {@code file.map(READ_ONLY, position, count, arena).asByteBuffer()}, final since Java 22. */
    private static Mapper arenaMapper() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 22) {
            throw new ClassNotFoundException("the memory API is not final before 22");
        }
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> arena = Class.forName("java.lang.foreign.Arena");
        Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
        MethodHandle ofConfined = lookup.findStatic(arena, "ofConfined", MethodType.methodType(arena));
        MethodHandle ofShared = lookup.findStatic(arena, "ofShared", MethodType.methodType(arena));
        MethodHandle map = lookup.findVirtual(
                FileChannel.class, "map", MethodType.methodType(segment, MapMode.class, long.class, long.class, arena));
        MethodHandle asByteBuffer =
                lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class));
        return shared -> new ArenaScope(newArena(shared ? ofShared : ofConfined), map, asByteBuffer);
    }

    private static AutoCloseable newArena(MethodHandle factory) {
        try {
            return (AutoCloseable) factory.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("cannot make an arena", t);
        }
    }

    private record ArenaScope(AutoCloseable arena, MethodHandle map, MethodHandle asByteBuffer) implements Scope {
        @Override
        public ByteBuffer map(FileChannel file, long position, int count) throws Throwable {
            Object mapped = map.invoke(file, MapMode.READ_ONLY, position, (long) count, arena);
            return (ByteBuffer) asByteBuffer.invoke(mapped);
        }

        @Override
        public void close() throws Exception {
            arena.close();
        }
    }

    private static Optional<Mapper> findUnsafeMapper() {
        try {
            Class<?> unsafeClass = Class.forName("sun.misc.Unsafe");
            Field instance = unsafeClass.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            MethodHandle invokeCleaner = MethodHandles.lookup()
                    .findVirtual(unsafeClass, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
            return Optional.of(shared -> new CleanerScope(new ArrayList<>(), invokeCleaner));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private record CleanerScope(List<ByteBuffer> mapped, MethodHandle invokeCleaner) implements Scope {
        @Override
        public ByteBuffer map(FileChannel file, long position, int count) throws IOException {
            ByteBuffer window = file.map(MapMode.READ_ONLY, position, count);
            mapped.add(window);
            return window;
        }

        @Override
        public void close() throws Throwable {
            for (ByteBuffer window : mapped) {
                invokeCleaner.invokeExact(window);
            }
        }
    }
}
