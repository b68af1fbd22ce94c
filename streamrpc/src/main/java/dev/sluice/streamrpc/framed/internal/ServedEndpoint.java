package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.BodyCodec.BodyFormat;
import dev.sluice.streamrpc.framed.Octets;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Optional;

/**
 * A handler under its name, with all that a call needs to know of its types found out once. Immutable.
 *
 * @param name what callers name it
 * @param input what writes and reads what comes; empty for octets
 * @param output what writes and reads what goes; empty for octets
 * @param handler what it does
 */
public record ServedEndpoint(String name, Optional<BodyFormat> input, Optional<BodyFormat> output, Invocation handler) {
    private static final MethodType INVOCATION = MethodType.methodType(Object.class, Object.class);

    /** A handler, whatever it was made of. */
    @FunctionalInterface
    public interface Invocation {
        /** Calls it with a value of its type. */
        Object call(Object input) throws Throwable;
    }

    /** Returns a handler of given types. */
    public static ServedEndpoint of(String name, Type input, Type output, BodyCodec codec, Invocation handler) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("an endpoint must have a name");
        }
        return new ServedEndpoint(name, format(name, input, codec), format(name, output, codec), handler);
    }

    /** Returns a method handle as a handler; throws IllegalArgumentException if it cannot be one. */
    public static ServedEndpoint of(String name, MethodHandle handle, BodyCodec codec) {
        MethodType type = handle.type();
        requireOneParameter(name, type.parameterCount());
        return of(name, type.parameterType(0), type.returnType(), codec, generic(handle));
    }

    /**
     * Returns a method of {@code target} as a handler; throws IllegalArgumentException if it cannot be one.
     *
     * @param lookup of the module that the method's package is to be open to
     */
    public static ServedEndpoint of(
            String name, Method method, Object target, MethodHandles.Lookup lookup, BodyCodec codec) {
        requireOneParameter(name, method.getParameterCount());
        try {
            method.setAccessible(true);
            MethodHandle handle = lookup.unreflect(method);
            boolean bound = handle.type().parameterCount() == 2; // else it is static
            return of(
                    name,
                    method.getGenericParameterTypes()[0],
                    method.getGenericReturnType(),
                    codec,
                    generic(bound ? handle.bindTo(target) : handle));
        } catch (IllegalAccessException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "handler of endpoint '" + name + "': cannot use " + method + ": " + e.getMessage(), e);
        }
    }

    private static Invocation generic(MethodHandle handle) {
        MethodHandle exact = handle.asType(INVOCATION);
        return exact::invokeExact;
    }

    private static void requireOneParameter(String name, int count) {
        if (count != 1) {
            throw new IllegalArgumentException("handler of endpoint '" + name
                    + "' must have exactly one input parameter, and what it returns is the output; it has " + count);
        }
    }

    private static Optional<BodyFormat> format(String name, Type type, BodyCodec codec) {
        if (type == Octets.class) {
            return Optional.empty();
        }
        if (type instanceof Class<?> known
                && (InputStream.class.isAssignableFrom(known) || Octets.class.isAssignableFrom(known))) {
            throw new IllegalArgumentException(
                    "handler of endpoint '" + name + "': bytes come and go as Octets, not as " + known.getName());
        }
        return Optional.of(codec.forType(type == void.class ? Object.class : type));
    }

    DataType inputType() {
        return input.isPresent() ? DataType.JSON : DataType.OCTETS;
    }

    DataType outputType() {
        return output.isPresent() ? DataType.JSON : DataType.OCTETS;
    }
}
