package dev.sluice.cli;

import dev.sluice.cli.yamux.FrameDump;
import dev.sluice.nio.TransportException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice yamux-dump}: prints the frames of a captured yamux session. */
@Command(
        name = "yamux-dump",
        description = {
            "Print one direction of a captured yamux session: of each frame where it begins, what it says, and what that means;"
                    + " then totals of each stream.",
            ""
        },
        footer = {
            "",
            "The capture is the bytes that one side sent, with or without the word 'backchannel' before the first frame. Exits"
                    + " with 1 if a frame is malformed or cut, after printing all before it.",
            "Example: sluice yamux-dump client-to-server.bin --payload 16"
        })
final class YamuxDumpCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int MOST_PAYLOAD_BYTES = 64 << 10;

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The capture; - for standard input.")
    private String file;

    @Option(
            names = "--payload",
            paramLabel = "N",
            defaultValue = "0",
            description = "Print the first N bytes of each payload, too, in hexadecimal. Default: none.")
    private int payloadBytes;

    YamuxDumpCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        if (payloadBytes < 0 || payloadBytes > MOST_PAYLOAD_BYTES) {
            throw new ParameterException(
                    spec.commandLine(), "--payload must be from 0 to " + MOST_PAYLOAD_BYTES + ", is " + payloadBytes);
        }
        try (ReadableByteChannel capture = open()) {
            dump(capture);
        } catch (ClosedByInterruptException e) {
            throw new CommandFailure("interrupted", e);
        } catch (UncheckedIOException e) {
            String why = String.valueOf(e.getCause().getMessage());
            if (!why.contains("Broken pipe")) { // else the reader has seen enough
                throw new CommandFailure("cannot write to standard output: " + why, e);
            }
        }
        return 0;
    }

    private ReadableByteChannel open() throws IOException {
        // Of a file descriptor this is a channel that an interrupt closes, also while it waits for input.
        return file.equals(STANDARD_INPUT) ? Channels.newChannel(streams.in()) : FileChannel.open(Path.of(file));
    }

    private void dump(ReadableByteChannel capture) throws IOException, CommandFailure {
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8));
        FrameDump dump = new FrameDump(out, payloadBytes);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        try {
            while (capture.read(chunk) >= 0) {
                dump.read(chunk.flip());
                chunk.clear();
                dump.flush(); // a live capture is seen as it comes
            }
            dump.end();
        } catch (TransportException e) {
            throw new CommandFailure(e.getMessage(), e);
        } finally {
            dump.totals();
            dump.flush();
        }
    }
}
