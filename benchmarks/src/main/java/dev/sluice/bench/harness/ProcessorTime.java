package dev.sluice.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Processor time, as Linux counts it in ticks of 10 ms: of one process, and of the whole machine. What the machine spent on
 * neither side of a benchmark tells how much a measurement was disturbed.
 */
public final class ProcessorTime {
    private static final double TICKS_PER_SECOND = 100;
    /** user, nice, system, (idle, iowait,) irq, softirq, steal: the columns of /proc/stat that are work. */
    private static final List<Integer> BUSY_COLUMNS = List.of(1, 2, 3, 6, 7, 8);

    /** cutime, cstime: the columns of /proc/PID/stat, counted from behind the name, for children that were waited for. */
    private static final List<Integer> CHILDREN_COLUMNS = List.of(13, 14);

    private ProcessorTime() {}

    /** Returns how many seconds of processor time a process has used; 0 where that is unknown. */
    public static double ofProcess(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .map(Duration::toNanos)
                        .orElse(0L)
                / 1e9;
    }

    /** Returns the same of the processes that a process has started and that have ended, all together. */
    public static double ofEndedChildren(long pid) {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        if (!Files.isReadable(stat)) {
            return 0;
        }
        try {
            String line = Files.readString(stat);
            String[] columns = line.substring(line.lastIndexOf(')') + 2).split(" ", -1); // the name may have blanks
            return CHILDREN_COLUMNS.stream()
                            .mapToLong(column -> Long.parseLong(columns[column]))
                            .sum()
                    / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Returns how many seconds all processors together have worked, with what a hypervisor took; 0 where that is unknown. */
    public static double ofMachine() {
        Path stat = Path.of("/proc/stat");
        if (!Files.isReadable(stat)) {
            return 0;
        }
        try {
            String[] columns = Files.readAllLines(stat).get(0).split(" +", -1);
            return BUSY_COLUMNS.stream()
                            .mapToLong(column -> Long.parseLong(columns[column]))
                            .sum()
                    / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }
}
