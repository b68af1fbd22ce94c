package dev.sluice.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code sluice} command. Ends with 0 if all went well, 1 after a failure, 2 if it was used wrongly. */
@Command(
        name = "sluice",
        description = {"Carries gRPC, raw byte streams and files over one port, without Netty.", ""},
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT, // the help option, for all commands
        versionProvider = VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Addresses (URI): tcp://host:port, unix:///path, unix-abstract:name; encrypted: tls://host:port,"
                    + " tls+unix:///path.",
            "Exit codes: 0 all went well, 1 it failed, 2 wrong usage."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log what happens, and print the stack trace of a failure.")
    private boolean verbose;

    private Main() {}

    /** Runs the command of the process. */
    public static void main(String[] args) {
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());
        Streams streams = new Streams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                err,
                ErrorTerminal.isThere(System.getenv()));
        Logs.begin();
        Signals signals = Signals.interrupting(Thread.currentThread());
        int code = run(streams, args);
        signals.finished(code);
        System.exit(code);
    }

    /**
     * Runs a command on the calling thread; interrupting that ends it, cleanly.
     *
     * @return the exit code
     */
    static int run(Streams streams, String... args) {
        PrintWriter err = new PrintWriter(streams.err(), true, Charset.defaultCharset());
        Main main = new Main();
        return new CommandLine(main)
                .addSubcommand(new ServeCommand(streams))
                .addSubcommand(new GetCommand(streams))
                .addSubcommand(new PutCommand(streams))
                .addSubcommand(new CallCommand(streams))
                .addSubcommand(new LintCommand(streams))
                .addSubcommand(new DemoCommand(streams))
                .addSubcommand(new YamuxDumpCommand(streams))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(new OutputStreamWriter(streams.out(), Charset.defaultCharset()), true))
                .setErr(err)
                .setExecutionStrategy(main::execute)
                .setParameterExceptionHandler((failure, given) -> usage(failure, err))
                .setExecutionExceptionHandler((failure, command, result) -> main.failed(failure, err))
                .execute(args);
    }

    private int execute(ParseResult result) {
        if (verbose) {
            Logs.showAll();
        }
        return new CommandLine.RunLast().execute(result);
    }

    private static int usage(ParameterException failure, PrintWriter err) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        err.println("sluice: " + FailureText.of(new CommandFailure(failure.getMessage())) + "; see '" + command
                + " --help'");
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception failure, PrintWriter err) {
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.println("sluice: " + FailureText.of(failure));
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "give a command: serve, get, put, call, lint, demo or yamux-dump");
    }
}
