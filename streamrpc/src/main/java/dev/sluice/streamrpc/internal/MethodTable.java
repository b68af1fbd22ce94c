package dev.sluice.streamrpc.internal;

import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The methods of a server by their name on the wire, {@code /package.Service/Method}. Immutable. */
public final class MethodTable {
    private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

    /** Takes the unary methods of the services; throws IllegalArgumentException if two have the same name. */
    public MethodTable(Collection<ServerServiceDefinition> services) {
        for (ServerServiceDefinition service : services) {
            for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                if (method.getMethodDescriptor().getType() == MethodType.UNARY) {
                    add("/" + method.getMethodDescriptor().getFullMethodName(), method);
                }
            }
        }
    }

    private void add(String name, ServerMethodDefinition<?, ?> method) {
        if (methods.putIfAbsent(name, method) != null) {
            throw new IllegalArgumentException("the method " + name + " is served twice");
        }
    }

    Optional<ServerMethodDefinition<?, ?>> lookup(String name) {
        return Optional.ofNullable(methods.get(name));
    }
}
