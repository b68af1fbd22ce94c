package dev.sluice.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a result depends on besides the code, gathered for its report. */
public final class Environment {
    private Environment() {}

    /**
     * Returns names and values in the order in which a report shows them.
     *
     * @param flags of the JVMs that are measured
     */
    public static Map<String, String> describe(List<String> flags, Pinning pinning) {
        Map<String, String> found = new LinkedHashMap<>();
        found.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        found.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        found.put("flags", String.join(" ", flags));
        found.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        found.put("processor", processor());
        found.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        found.put("pinning", pinning.description());
        found.put("tcp congestion control", firstLine("/proc/sys/net/ipv4/tcp_congestion_control"));
        found.put("load average at start", firstLine("/proc/loadavg"));
        return found;
    }

    /** Returns the lines with which a report begins. */
    public static String format(Map<String, String> environment) {
        StringBuilder text = new StringBuilder();
        environment.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append(System.lineSeparator()));
        return text.toString();
    }

    private static String processor() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not Linux: the architecture has to do.
        }
        return System.getProperty("os.arch");
    }

    private static String firstLine(String file) {
        try {
            return Files.readAllLines(Path.of(file)).get(0);
        } catch (IOException e) {
            return "unknown";
        }
    }
}
