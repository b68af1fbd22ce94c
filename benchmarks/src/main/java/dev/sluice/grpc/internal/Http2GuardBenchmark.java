package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Limits;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the guard adds to a unary call of 64 bytes: its frames, both ways, pass the scanner and are counted, and nothing else happens.
 *
 * <p>It lives in the package of what it measures, which nobody else is to see.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class Http2GuardBenchmark {
    /** Calls whose frames are read, and written, together. */
    static final int CALLS = 64;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    /** Header blocks of a few indexed fields, as they are from the second call of a connection on. */
    private static final int REQUEST_HEADER_BYTES = 12;

    private static final int RESPONSE_HEADER_BYTES = 3;
    private static final int TRAILER_BYTES = 2;
    /** 64 bytes behind gRPC's prefix of 5. */
    private static final int MESSAGE_BYTES = 69;

    private final byte[] requests =
            calls(frame(HEADERS, END_HEADERS, REQUEST_HEADER_BYTES), frame(DATA, END_STREAM, MESSAGE_BYTES));
    private final byte[] responses = calls(
            frame(HEADERS, END_HEADERS, RESPONSE_HEADER_BYTES),
            frame(DATA, 0, MESSAGE_BYTES),
            frame(HEADERS, END_HEADERS | END_STREAM, TRAILER_BYTES));
    private final FrameGuard guard = new FrameGuard(Http2Limits.defaults(), Integer.MAX_VALUE, System::nanoTime);
    private final FrameScanner in = new FrameScanner(0, this::received);
    private final FrameScanner out =
            new FrameScanner(0, (length, type, flags, stream, value) -> guard.sent(type, flags, stream, value));

    private static byte[] frame(int type, int flags, int payloadBytes) {
        return ByteBuffer.allocate(Http2Frames.HEADER_BYTES + payloadBytes)
                .putShort((short) 0)
                .put((byte) payloadBytes)
                .put((byte) type)
                .put((byte) flags)
                .putInt(1)
                .array();
    }

    private static byte[] calls(byte[]... frames) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        for (int i = 0; i < CALLS; i++) {
            for (byte[] frame : frames) {
                bytes.put(frame);
            }
        }
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        return all;
    }

    private void received(int length, int type, int flags, int stream, int value) {
        guard.received(length, type, flags, stream).ifPresent(breach -> {
            throw new IllegalStateException("honest calls are taken for an attack: " + breach);
        });
    }

    /** Calls that come and are answered. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void calls() {
        scan(in, requests);
        scan(out, responses);
    }

    private static void scan(FrameScanner frames, byte[] bytes) {
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
            frames.scan(rest);
        }
    }
}
