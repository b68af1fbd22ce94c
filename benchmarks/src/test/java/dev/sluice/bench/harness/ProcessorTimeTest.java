package dev.sluice.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessorTimeTest {
    /** That a JVM starts takes far more than a tick. */
    @EnabledOnOs(OS.LINUX)
    @Test
    void shouldCountAChildWhenItHasEnded() throws IOException, InterruptedException {
        long self = ProcessHandle.current().pid();
        double before = ProcessorTime.ofEndedChildren(self);

        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(child.waitFor()).isZero();

        assertThat(ProcessorTime.ofEndedChildren(self)).isGreaterThan(before);
    }
}
