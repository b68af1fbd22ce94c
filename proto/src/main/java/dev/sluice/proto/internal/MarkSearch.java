package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what a label means in a request, at any depth: depth first, in the order of declaration.
 *
 * <p>A labelled field of the expected type is found. One that is another message is searched for a field with the inner label, which
 * is the one then. A message within itself is not searched a second time. One thread.
 */
final class MarkSearch {
    /** Parsers of protocol buffers stop there, too: what lies deeper is in no request. */
    private static final int MAX_DEPTH = 100;
    /** A request has a few labels; only one that is made for it has so many ways to them. */
    private static final int MAX_STEPS = 10_000;

    private final Sought start;
    private final Expected expected;

    /** @param inner if a labelled message may have what is sought inside */
    MarkSearch(Mark outer, Optional<Mark> inner, Expected expected) {
        this.start = Sought.of(outer, inner.map(mark -> Sought.of(mark, Optional.empty())));
        this.expected = expected;
    }

    /** What a found field has to be. */
    record Expected(String text, FieldTest test) {}

    /** Tells whether a field, which is not repeated, is of the expected type. */
    interface FieldTest {
        boolean accepts(FieldDescriptor field) throws AnnotationException;
    }

    /** @param inside what to look for in a labelled message instead */
    private record Sought(Mark mark, MarkReach reach, Optional<Sought> inside) {
        static Sought of(Mark mark, Optional<Sought> inside) {
            return new Sought(mark, new MarkReach(mark), inside);
        }
    }

    private record Visit(Descriptor message, Sought sought) {}

    /**
     * What was found.
     *
     * @param paths to the fields of the expected type
     * @param fruitless to labelled fields of another type in which there is nothing to find either
     */
    record Found(List<FieldPath> paths, List<FieldPath> fruitless) {
        boolean isEmpty() {
            return paths.isEmpty() && fruitless.isEmpty();
        }
    }

    /** @throws AnnotationException if a label is where it cannot be */
    Found in(Descriptor request) throws AnnotationException {
        Walk walk = new Walk();
        walk.enter(request, start, FieldPath.to(request));
        return walk.found;
    }

    String label() {
        return start.mark.label();
    }

    AnnotationException wrongType(FieldPath path) {
        return new AnnotationException(
                "wrong type of field " + path + ", expected " + expected.text + ", got " + path.type());
    }

    private final class Walk {
        private final Found found = new Found(new ArrayList<>(), new ArrayList<>());
        private final Set<Visit> underWay = new HashSet<>();
        private int steps;

        void enter(Descriptor message, Sought sought, FieldPath way) throws AnnotationException {
            Visit visit = new Visit(message, sought);
            if (!sought.reach.leadsToMark(message) || !underWay.add(visit)) {
                return;
            }
            if (way.fields().size() > MAX_DEPTH) {
                throw new AnnotationException(sought.mark.label() + " label more than " + MAX_DEPTH
                        + " messages deep in " + way.message().getName());
            }
            for (FieldDescriptor field : message.getFields()) {
                look(field, sought, way.then(field));
            }
            underWay.remove(visit);
        }

        private void look(FieldDescriptor field, Sought sought, FieldPath path) throws AnnotationException {
            if (++steps > MAX_STEPS) {
                throw new AnnotationException("more than " + MAX_STEPS + " fields on the ways to " + sought.mark.label()
                        + " labels in " + path.message().getName());
            }
            if (!sought.mark.isOn(field)) {
                descend(field, sought, path);
            } else if (field.isRepeated()) {
                throw wrongType(path);
            } else if (expected.test.accepts(field)) {
                find(path, sought.mark);
            } else if (sought.inside.isEmpty()) {
                throw wrongType(path);
            } else {
                int before = found.paths.size();
                descend(field, sought.inside.get(), path);
                if (found.paths.size() == before) {
                    found.fruitless.add(path);
                }
            }
        }

        private void descend(FieldDescriptor field, Sought sought, FieldPath path) throws AnnotationException {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                enter(field.getMessageType(), sought, path);
            }
        }

        private void find(FieldPath path, Mark mark) throws AnnotationException {
            for (FieldDescriptor field : path.fields()) {
                if (field.isRepeated()) {
                    throw new AnnotationException(
                            mark.label() + " label at " + path + " is below the repeated field " + field.getName());
                }
            }
            found.paths.add(path);
        }
    }
}
