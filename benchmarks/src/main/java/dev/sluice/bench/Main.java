package dev.sluice.bench;

import dev.sluice.bench.echo.EchoClientCommand;
import dev.sluice.bench.echo.EchoCommand;
import dev.sluice.bench.echo.EchoServerCommand;
import dev.sluice.bench.file.FileClientCommand;
import dev.sluice.bench.file.FileCommand;
import dev.sluice.bench.file.FileServerCommand;
import dev.sluice.bench.framed.FramedClientCommand;
import dev.sluice.bench.framed.FramedCommand;
import dev.sluice.bench.framed.FramedServerCommand;
import dev.sluice.bench.grpc.GrpcClientCommand;
import dev.sluice.bench.grpc.GrpcCommand;
import dev.sluice.bench.grpc.GrpcServerCommand;
import dev.sluice.bench.tls.TlsClientCommand;
import dev.sluice.bench.tls.TlsCommand;
import dev.sluice.bench.tls.TlsServerCommand;
import dev.sluice.bench.yamux.YamuxClientCommand;
import dev.sluice.bench.yamux.YamuxCommand;
import dev.sluice.bench.yamux.YamuxServerCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The benchmarks' command line: {@code benchmarks/run NAME [options]}. */
@Command(
        name = "benchmarks/run",
        description = "Measures Sluice beside its peers, in one run.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        showDefaultValues = true,
        usageHelpAutoWidth = true,
        subcommands = {
            EchoCommand.class,
            FileCommand.class,
            FramedCommand.class,
            GrpcCommand.class,
            TlsCommand.class,
            YamuxCommand.class,
            JmhCommand.class,
            EchoServerCommand.class,
            EchoClientCommand.class,
            FileServerCommand.class,
            FileClientCommand.class,
            FramedServerCommand.class,
            FramedClientCommand.class,
            GrpcServerCommand.class,
            GrpcClientCommand.class,
            TlsServerCommand.class,
            TlsClientCommand.class,
            YamuxServerCommand.class,
            YamuxClientCommand.class
        })
public final class Main {
    private Main() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(line.execute(args));
    }
}
