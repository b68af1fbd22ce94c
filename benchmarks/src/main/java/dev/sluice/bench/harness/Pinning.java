package dev.sluice.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which core each of the two sides of a benchmark runs on. Immutable.
 *
 * <p>Where a wake-up goes decides latency on most machines, so both sides of every comparison are pinned alike: the server
 * to the first core this process may use, the client to the second. Without {@code taskset}, or with one core only, nobody
 * is pinned, and the report says so.
 *
 * @param serverCore the core of servers, or -1 when not pinned
 * @param clientCore the core of clients, or -1 when not pinned
 * @param description what a report says about it
 */
public record Pinning(int serverCore, int clientCore, String description) {
    static final int NONE = -1;

    /** Finds out what this machine can do. */
    public static Pinning detect() throws IOException {
        if (!isOnPath("taskset")) {
            return none("not pinned: taskset is not installed");
        }
        List<Integer> cores = allowedCores();
        if (cores.size() < 2) {
            return none("not pinned: only " + cores.size() + " core");
        }
        return new Pinning(
                cores.get(0), cores.get(1), "server on core " + cores.get(0) + ", client on core " + cores.get(1));
    }

    /** Leaves both sides to the scheduler. */
    public static Pinning none(String why) {
        return new Pinning(NONE, NONE, why);
    }

    /** Returns what to put in front of a command so that it runs on {@code core}. */
    static List<String> prefix(int core) {
        return core == NONE ? List.of() : List.of("taskset", "-c", Integer.toString(core));
    }

    private static boolean isOnPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static List<Integer> allowedCores() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return List.of();
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("Cpus_allowed_list:")) {
                return parseCores(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return List.of();
    }

    /** Reads a list of the kernel's form, as in {@code 0-3,8}. */
    static List<Integer> parseCores(String list) {
        List<Integer> cores = new ArrayList<>();
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            for (int core = first; core <= last; core++) {
                cores.add(core);
            }
        }
        return cores;
    }
}
