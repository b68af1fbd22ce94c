package dev.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The libraries as named modules. All other tests run on the class path, so this is where a missing {@code requires},
 * {@code exports} or {@code provides} shows.
 */
class ModulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.sluice.nio",
                "dev.sluice.tls",
                "dev.sluice.mux",
                "dev.sluice.yamux",
                "dev.sluice.proto",
                "dev.sluice.streamrpc"
            })
    void shouldResolveWhenOnTheModulePath(String name) {
        Configuration parent = ModuleLayer.boot().configuration();

        Configuration resolved = parent.resolve(modulePath(), ModuleFinder.of(), Set.of(name));

        assertThat(resolved.modules()).extracting(ResolvedModule::name).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.sluice.nio",
                "dev.sluice.tls",
                "dev.sluice.mux",
                "dev.sluice.yamux",
                "dev.sluice.proto",
                "dev.sluice.streamrpc"
            })
    void shouldKeepInternalPackagesWhenExporting(String name) {
        Set<String> exported = descriptor(name).exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());

        assertThat(exported).isNotEmpty().noneMatch(source -> source.contains(".internal"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.sluice.nio",
                "dev.sluice.tls",
                "dev.sluice.mux",
                "dev.sluice.yamux",
                "dev.sluice.proto",
                "dev.sluice.streamrpc"
            })
    void shouldNameTheSameProvidersWhenOnTheClassPath(String name) throws IOException {
        for (ModuleDescriptor.Provides provides : descriptor(name).provides()) {
            assertThat(classPathProviders(provides.service())).containsAll(provides.providers());
        }
    }

    /** What the class path holds, seen as modules; folders of classes count when they have a descriptor. */
    private static ModuleFinder modulePath() {
        return ModuleFinder.of(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .filter(path -> Files.isRegularFile(path) || Files.exists(path.resolve("module-info.class")))
                .toArray(Path[]::new));
    }

    private static ModuleDescriptor descriptor(String name) {
        return modulePath().find(name).map(ModuleReference::descriptor).orElseThrow();
    }

    private static Set<String> classPathProviders(String service) throws IOException {
        Set<String> providers = new TreeSet<>();
        ClassLoader loader = ModulesTest.class.getClassLoader();
        for (URL url : Collections.list(loader.getResources("META-INF/services/" + service))) {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
                reader.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .forEach(providers::add);
            }
        }
        return providers;
    }
}
