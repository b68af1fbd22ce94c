package dev.sluice.proto.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sluice.proto.internal.AnnotatedMethod;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.resource.Locator;
import dev.sluice.proto.resource.Operation;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.Optional;

/**
 * An annotated method: what it does, to how much, and where its requests say to what. Immutable and thread-safe.
 *
 * <p>Requests are read and never changed: what rewrites one returns another, which has all that the first had, fields included that
 * their descriptor does not know. Requests of generated code are taken as well as those of {@link #parse}. A request of another type is
 * an {@link IllegalArgumentException}; one that lacks what the annotations promise is a {@link StatusException} with INVALID_ARGUMENT,
 * for whoever sent it.
 */
public final class MethodInfo {
    private final String fullName;
    private final AnnotatedMethod method;
    private final Optional<LocatorPath> target;
    private final Optional<LocatorPath> additional;
    private final Optional<RequestPath> group;

    private MethodInfo(String fullName, AnnotatedMethod method, LocatorPath target, LocatorPath additional) {
        this.fullName = fullName;
        this.method = method;
        this.target = Optional.ofNullable(target);
        this.additional = Optional.ofNullable(additional);
        this.group = method.group().map(RequestPath::new);
    }

    static MethodInfo of(String fullName, AnnotatedMethod method) throws AnnotationException {
        LocatorPath target =
                method.target().isPresent() ? LocatorPath.to(method.target().get()) : null;
        LocatorPath additional = method.additional().isPresent()
                ? LocatorPath.to(method.additional().get())
                : null;
        return new MethodInfo(fullName, method, target, additional);
    }

    /** Returns the name, as gRPC has it: {@code package.Service/Method}. */
    public String fullName() {
        return fullName;
    }

    /** Returns what the method does; never EFFECT_UNSPECIFIED. */
    public Operation.Effect effect() {
        return method.operation().getEffect();
    }

    /** Returns what the method does it to: one resource, or a whole group. */
    public Operation.Scope scope() {
        return method.operation().getScope();
    }

    /** Returns the type of the first, or only, message that a client sends. */
    public Descriptor requestType() {
        return method.method().getInputType();
    }

    /**
     * Reads a request, as it comes from the wire.
     *
     * @throws StatusException INVALID_ARGUMENT, if the bytes are none
     */
    public DynamicMessage parse(ByteString bytes) throws StatusException {
        try {
            return DynamicMessage.newBuilder(requestType())
                    .mergeFrom(bytes, ExtensionRegistry.getEmptyRegistry())
                    .buildPartial(); // what is missing is for the method to miss
        } catch (InvalidProtocolBufferException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("not a " + requestType().getFullName() + ": " + e.getMessage())
                    .withCause(e)
                    .asException();
        }
    }

    /**
     * Returns the resource that a request is about. It may be empty: the method decides what that means.
     *
     * @throws StatusException INVALID_ARGUMENT, if the request names none
     * @throws IllegalStateException if the scope is not RESOURCE
     */
    public Locator target(Message request) throws StatusException {
        return target().read(request);
    }

    /**
     * Returns the second resource that a request names; empty if requests of this method never name one.
     *
     * @throws StatusException INVALID_ARGUMENT, if they do, and this one does not
     */
    public Optional<Locator> additionalTarget(Message request) throws StatusException {
        return additional.isEmpty()
                ? Optional.empty()
                : Optional.of(additional.get().read(request));
    }

    /**
     * Returns the group that a request is about.
     *
     * @throws StatusException INVALID_ARGUMENT, if the request has not what the group stands in
     * @throws IllegalStateException if the scope is not GROUP
     */
    public String group(Message request) throws StatusException {
        return (String) group().read(request);
    }

    /**
     * Returns the request, for another resource.
     *
     * @throws StatusException INVALID_ARGUMENT, if the request names none so far
     * @throws IllegalStateException if the scope is not RESOURCE
     */
    public <M extends Message> M withTarget(M request, Locator locator) throws StatusException {
        return target().write(request, locator);
    }

    /**
     * Returns the request, with another second resource.
     *
     * @throws StatusException INVALID_ARGUMENT, if the request names none so far
     * @throws IllegalStateException if requests of this method never name one
     */
    public <M extends Message> M withAdditionalTarget(M request, Locator locator) throws StatusException {
        return additional
                .orElseThrow(() -> new IllegalStateException(fullName + " has no additional target"))
                .write(request, locator);
    }

    /**
     * Returns the request as it is for another group, such as the node that it is sent to: of all that it names, the keys stay.
     *
     * @throws StatusException INVALID_ARGUMENT, if the request does not name what the annotations promise
     */
    public <M extends Message> M withGroup(M request, String name) throws StatusException {
        if (group.isPresent()) {
            return group.get().change(request, old -> name);
        }
        M moved = target().write(
                        request, target(request).toBuilder().setGroup(name).build());
        if (additional.isEmpty()) {
            return moved;
        }
        Locator second = additional.get().read(moved);
        return additional.get().write(moved, second.toBuilder().setGroup(name).build());
    }

    private LocatorPath target() {
        return target.orElseThrow(
                () -> new IllegalStateException(fullName + " is of " + scope() + " scope: it has no target"));
    }

    private RequestPath group() {
        return group.orElseThrow(
                () -> new IllegalStateException(fullName + " is of " + scope() + " scope: it has no group of its own"));
    }

    @Override
    public String toString() {
        return fullName + " (" + effect() + ", " + scope() + ")";
    }
}
