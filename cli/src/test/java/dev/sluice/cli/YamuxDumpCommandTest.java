package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static dev.sluice.cli.Commands.runWithInput;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamuxDumpCommandTest {
    /** A request with half-close, as a client sends it, and a session that is ended. */
    private static final String CLIENT =
            "0001000100000001000c0000 000000000000000100000002 6869 000100040000000100000000"
                    + " 000200010000000000000007 000300000000000000000000";

    @TempDir
    Path directory;

    private String capture(String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        return Files.write(directory.resolve("capture"), bytes).toString();
    }

    @Test
    void shouldPrintEachFrameAndTheTotalsWithoutPayload() throws IOException {
        Commands.Result result = run("yamux-dump", capture(CLIENT));

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo("""
                            offset  type           flags                stream      length
                                 0  WINDOW_UPDATE  SYN                       1      786432  opens stream 1, window +786432
                                12  DATA           -                         1           2  data
                                26  WINDOW_UPDATE  FIN                       1           0  ends
                                38  PING           SYN                       0           7  ping
                                50  GO_AWAY        -                         0           0  accepts no more streams

                        stream 1: 3 frames, 2 bytes of data, window +786432, flags SYN|FIN
                        5 frames, 62 bytes
                        """);
    }

    @Test
    void shouldPrintTheFirstBytesOfPayloadWhenAsked() throws IOException {
        String frames = "000000000000000100000003 616263 000000000000000300000001 64";

        assertThat(run("yamux-dump", capture(frames), "--payload", "2")
                        .out()
                        .lines()
                        .map(String::strip))
                .containsSubsequence("6162", "64")
                .doesNotContain("616263");
    }

    @ParameterizedTest
    @CsvSource({
        "000100020000000100000000, accepts stream 1",
        "000100080000000100000000, resets",
        "000100080000000100000007, resets with code 7",
        "000000050000000100000000, 'opens stream 1, ends'",
        "000000000000000100000000, says nothing",
        "000100000000000100020000, window +131072",
        "000100000000000000020000, breaks the protocol",
        "000200020000000000000007, pong",
        "00030000000000000000002a, ends the session with code 42",
        "000300000000000000000001, ends the session with code 1: protocol error"
    })
    void shouldSayWhatAFrameMeans(String frame, String meaning) throws IOException {
        assertThat(run("yamux-dump", capture(frame)).out()).contains("  " + meaning);
    }

    @Test
    void shouldSkipTheMagicBeforeTheFirstFrame() throws IOException {
        Commands.Result result = run("yamux-dump", capture("6261636b6368616e6e656c" + CLIENT));

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("        11  WINDOW_UPDATE").contains("5 frames, 73 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "000100010000000100000000 010000000000000100000000, malformed frame at offset 12: yamux: expected version 0",
        "000400010000000100000000, malformed frame at offset 0: yamux: expected a frame of type 0 to 3",
        "626164000000000000000000, malformed frame at offset 0: neither a frame nor 'backchannel'",
        "000100010000000100000000 0001, cut frame at offset 12: part of its header is missing",
        "000100010000000100000000 000000000000000100000003 61, cut frame at offset 12: 2 bytes of its payload are missing",
        "6261, cut frame at offset 0"
    })
    void shouldSayWhereAFrameIsMalformedOrCutAfterAllBeforeIt(String frames, String text) throws IOException {
        Commands.Result result = run("yamux-dump", capture(frames));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).startsWith("sluice: " + text).hasLineCount(1);
        assertThat(result.out()).contains(" bytes\n");
    }

    @Test
    void shouldReadStandardInput() {
        Commands.Result result = runWithInput("\0\2\0\1\0\0\0\0\0\0\0\7", "yamux-dump", "-");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("ping");
    }

    @Test
    void shouldRefuseWhatItCannotRead() {
        assertFails(run("yamux-dump", directory.resolve("none").toString()), 1, "no such file or directory");
        assertFails(run("yamux-dump", "-", "--payload", "-1"), 2, "--payload must be from 0 to 65536");
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsTheOutputAnyMore() {
        byte[] frames = new byte[12 * 50_000]; // data frames without data: more than any buffer on the way takes
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int code = Main.run(
                new Streams(
                        new ByteArrayInputStream(frames),
                        closed,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false),
                "yamux-dump",
                "-");

        assertThat(code).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void shouldCountStreamsBeyondTheLimitTogether() throws IOException {
        StringBuilder frames = new StringBuilder();
        for (int id = 1; id <= 10_002; id++) {
            frames.append(String.format("00010001%08x00000000", id));
        }

        assertThat(run("yamux-dump", capture(frames.toString())).out())
                .contains("stream 10000: 1 frames")
                .contains("streams beyond the first 10000: 2 frames")
                .doesNotContain("stream 10001: ");
    }
}
