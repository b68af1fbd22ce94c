package dev.sluice.proto.lint;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.LinkedFiles;
import dev.sluice.proto.internal.LocatorType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks at files for methods that are not annotated, or wrongly ({@code lint.proto}, {@code sluice/resource.proto}), and for those that
 * break the conventions of naming. A core without I/O: descriptors in, findings out. Immutable and thread-safe.
 *
 * <p>Files that come with a {@code gitaly.OperationMsg} of before 2020, in which {@code target_repository_field} names the target by its
 * path, are judged by the rules of that time.
 */
public final class Linter {
    private final LintSettings settings;

    /** Makes a linter of the settings. */
    public Linter(LintSettings settings) {
        this.settings = settings;
    }

    /**
     * Lints files of a set, which has their imports, too.
     *
     * @param isSource tells by the name of a file whether it is a source, and not only imported by one
     * @return all findings, in the order of the files and of what stands in them
     * @throws IllegalArgumentException if the set is not complete, or contradicts itself; the message says in what
     */
    public List<Finding> lint(FileDescriptorSet set, Predicate<String> isSource) {
        List<FileDescriptor> files = LinkedFiles.of(set.getFileList());
        return lint(
                files,
                files.stream().filter(file -> isSource.test(file.getName())).toList());
    }

    /**
     * Lints files, and what they import.
     *
     * @return all findings, those of an import before those of what imports it
     */
    public List<Finding> lint(Collection<FileDescriptor> sources) {
        Set<FileDescriptor> files = new HashSet<>();
        List<FileDescriptor> importsFirst = new ArrayList<>();
        sources.forEach(source -> addImportsFirst(source, files, importsFirst));
        return lint(importsFirst, sources);
    }

    private static void addImportsFirst(FileDescriptor file, Set<FileDescriptor> seen, List<FileDescriptor> sorted) {
        if (seen.add(file)) {
            file.getDependencies().forEach(imported -> addImportsFirst(imported, seen, sorted));
            sorted.add(file);
        }
    }

    private List<Finding> lint(List<FileDescriptor> files, Collection<FileDescriptor> sources) {
        AnnotationStyle style = PathStyle.isUsedIn(files) ? new PathStyle() : new MarkStyle();
        Conventions conventions = new Conventions(settings);
        Set<FileDescriptor> ours = new HashSet<>(sources);
        List<Finding> findings = new ArrayList<>();
        for (FileDescriptor file : files) {
            if (settings.imports() || ours.contains(file)) {
                Elements.methods(file)
                        .forEach(method -> style.fault(method)
                                .ifPresent(reason -> findings.add(wrong(file, style.name(method), reason))));
                Elements.messages(file)
                        .forEach(message -> locatorFault(message)
                                .ifPresent(reason -> findings.add(wrong(file, Elements.name(message), reason))));
            }
            if (ours.contains(file)) {
                findings.addAll(conventions.lint(file));
            }
        }
        return findings;
    }

    private static Finding wrong(FileDescriptor file, String element, String reason) {
        return new Finding(Rule.ANNOTATION, Severity.ERROR, file.getName(), element, reason);
    }

    private static Optional<String> locatorFault(Descriptor message) {
        try {
            LocatorType.of(message);
            return Optional.empty();
        } catch (AnnotationException e) {
            return Optional.of(e.getMessage());
        }
    }
}
