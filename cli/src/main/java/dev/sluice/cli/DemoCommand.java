package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.cli.demo.Check;
import dev.sluice.cli.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice demo}: shows that all works, and how fast. */
@Command(
        name = "demo",
        description = {
            "Check everything on this machine: echo, get, put, a refusal and 100 calls at a time by StreamRPC; by gRPC a unary"
                    + " call, the health, 100 calls at a time and a stream, and calls in which the server calls its clients back, and a"
                    + " file down and up beside a call; by the framed RPC calls, a file down and up, and the good-bye; over TCP, a"
                    + " Unix socket and memory, and over TLS on the first two, with random data made for it. What arrives is compared"
                    + " by SHA-256.",
            ""
        },
        footer = {"", "Exits with 0 only if every check is right. Deletes its files, also after Ctrl-C."})
final class DemoCommand implements Callable<Integer> {
    private static final String ROW = "%-8s %-21s %9s %9s %12s  %s";

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = ByteSizeConverter.class,
            defaultValue = "256M",
            description = "How much data to move: bytes, or with K, M, G. Default: ${DEFAULT-VALUE}.")
    private ByteSize size;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where to make the temporary directory; needs room for twice the size. Default: the system's"
                    + " place for temporary files.")
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    DemoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        if (size.bytes() < Demo.MIN_BYTES) {
            throw new ParameterException(spec.commandLine(), "--size must be at least 1K, is " + size);
        }
        PrintStream out = new PrintStream(streams.out(), true, Charset.defaultCharset());
        List<Check> checks;
        try {
            checks = json ? new Demo(directory, size.bytes()).run(check -> {}) : runWithTable(out);
        } catch (InterruptedException e) {
            throw new CommandFailure("interrupted", e);
        }
        boolean ok = checks.stream().allMatch(Check::ok);
        if (json) {
            out.println(toJson(checks, ok));
        } else {
            out.println(ok ? "all is right" : "SOMETHING IS WRONG, see above");
        }
        return ok ? 0 : 1;
    }

    private List<Check> runWithTable(PrintStream out) throws IOException, InterruptedException {
        out.println(size + " of random data, on " + machine());
        out.println();
        out.println(String.format(Locale.ROOT, ROW, "wire", "check", "bytes", "seconds", "speed", "")
                .stripTrailing());
        return new Demo(directory, size.bytes()).run(check -> out.println(row(check)));
    }

    private static String row(Check check) {
        return String.format(
                Locale.ROOT,
                ROW,
                check.wire(),
                check.name(),
                ByteSize.show(check.bytes()),
                String.format(Locale.ROOT, "%.3f", check.seconds()),
                check.bytes() == 0 ? "" : ByteSize.showPerSecond(check.bytes(), check.seconds()),
                check.error().map(error -> "WRONG: " + error).orElse("ok"));
    }

    private static String machine() {
        return "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }

    private String toJson(List<Check> checks, boolean ok) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
            generator.writeStartObject();
            generator.writeBooleanField("ok", ok);
            generator.writeNumberField("size", size.bytes());
            generator.writeStringField("jdk", System.getProperty("java.version"));
            generator.writeStringField("machine", machine());
            generator.writeArrayFieldStart("checks");
            for (Check check : checks) {
                writeCheck(generator, check);
            }
            generator.writeEndArray();
            generator.writeEndObject();
        }
        return text.toString();
    }

    private static void writeCheck(JsonGenerator generator, Check check) throws IOException {
        generator.writeStartObject();
        generator.writeStringField("name", check.name());
        generator.writeStringField("wire", check.wire());
        generator.writeBooleanField("ok", check.ok());
        generator.writeNumberField("bytes", check.bytes());
        generator.writeNumberField("seconds", check.seconds());
        generator.writeStringField("sha256", check.sha256());
        if (!check.ok()) {
            generator.writeStringField("error", check.error().orElseThrow());
        }
        generator.writeEndObject();
    }
}
