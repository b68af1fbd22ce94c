package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Runs the JMH suite; everything behind {@code jmh} is JMH's own. */
@Command(
        name = "jmh",
        description = "Runs the JMH suite with JMH's own options, for example: jmh -prof gc Echo; jmh -h lists them.",
        mixinStandardHelpOptions = false)
final class JmhCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new)); // exits by itself when something fails
        return 0;
    }
}
