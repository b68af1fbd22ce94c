package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From which messages a marked field can be reached. Each message is looked at once, however many ways lead to it, so that types
 * that have nothing to do with a mark cost no search. One thread.
 */
final class MarkReach {
    private final Mark mark;
    private final Map<Descriptor, Boolean> known = new HashMap<>();

    MarkReach(Mark mark) {
        this.mark = mark;
    }

    /** Returns whether the message, or any below it, has a marked field. */
    boolean leadsToMark(Descriptor message) throws AnnotationException {
        if (!known.containsKey(message)) {
            explore(message);
        }
        return known.get(message);
    }

    private void explore(Descriptor start) throws AnnotationException {
        Map<Descriptor, List<Descriptor>> users = new HashMap<>();
        Set<Descriptor> seen = new LinkedHashSet<>(Set.of(start));
        Deque<Descriptor> waiting = new ArrayDeque<>(seen);
        Deque<Descriptor> leading = new ArrayDeque<>();
        while (!waiting.isEmpty()) {
            Descriptor message = waiting.remove();
            boolean leads = false;
            for (FieldDescriptor field : message.getFields()) {
                leads |= mark.isOn(field);
                if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                    continue;
                }
                Descriptor child = field.getMessageType();
                leads |= known.getOrDefault(child, false);
                users.computeIfAbsent(child, any -> new ArrayList<>()).add(message);
                if (!known.containsKey(child) && seen.add(child)) {
                    waiting.add(child);
                }
            }
            if (leads) {
                leading.add(message);
            }
        }
        seen.forEach(message -> known.put(message, false));
        spread(leading, users);
    }

    private void spread(Deque<Descriptor> leading, Map<Descriptor, List<Descriptor>> users) {
        Set<Descriptor> done = new HashSet<>();
        while (!leading.isEmpty()) {
            Descriptor message = leading.remove();
            if (done.add(message)) {
                known.put(message, true);
                leading.addAll(users.getOrDefault(message, List.of()));
            }
        }
    }
}
