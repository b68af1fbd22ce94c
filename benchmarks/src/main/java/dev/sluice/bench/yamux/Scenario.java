package dev.sluice.bench.yamux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What is to happen on a stream, as its opener says in the first line; a stream that ends before it had one is ended, too.
 *
 * <pre>
 *  opener:  "sink\n" bytes ... end               "echo\n" bytes ... end
 *  server:                      count "\n" end            the same bytes ... end
 * </pre>
 */
enum Scenario {
    /** Takes all and says in the end, as a decimal number, how many bytes came. */
    SINK,
    /** Sends back what comes. */
    ECHO;

    /** Of each of the lines: who reads so much has read none of what follows. */
    static final int LINE_BYTES = 5;

    /** Returns the first line. */
    ByteBuffer line() {
        return text(name().toLowerCase(Locale.ROOT) + "\n");
    }

    /** Finds out what a first line says. */
    static Scenario of(ByteBuffer line) {
        return valueOf(StandardCharsets.US_ASCII.decode(line).toString().strip().toUpperCase(Locale.ROOT));
    }

    /** Returns what a sink says in the end. */
    static ByteBuffer count(long bytes) {
        return text(bytes + "\n");
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads what a sink said, all of it. */
    static void requireCount(ByteBuffer answer, long bytes) {
        String text = StandardCharsets.US_ASCII.decode(answer).toString().strip();
        if (!text.equals(Long.toString(bytes))) {
            throw new IllegalStateException("the peer says that it got \"" + text + "\" bytes, of " + bytes);
        }
    }
}
