package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.grpc.Http2Limits;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FrameGuardTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int STREAM_CLOSED = 5;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;

    private static final int MAX_CALLS = 100;

    private long now = Long.MAX_VALUE - 1; // it may overflow
    private final FrameGuard guard = new FrameGuard(Http2Limits.defaults(), MAX_CALLS, () -> now);

    /** Expects so many frames to be let through, and one more to be one too many. */
    private void shouldLet(int count, int length, int type, Http2Breach breach) {
        for (int i = 0; i < count; i++) {
            assertThat(guard.received(length, type, 0, 2 * i + 1))
                    .as("frame %d", i)
                    .isEmpty();
        }
        assertThat(guard.received(length, type, 0, 2 * count + 1)).contains(breach);
    }

    private void pass() {
        now += Http2Limits.defaults().period().toNanos() + 1;
    }

    @Test
    void shouldLimitResets() {
        shouldLet(100, 4, RST_STREAM, Http2Breach.RESETS_RECEIVED);
        pass();
        shouldLet(100, 4, RST_STREAM, Http2Breach.RESETS_RECEIVED);
    }

    @Test
    void shouldLetAClientCancelUpToHalfOfItsCalls() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(guard.received(10, HEADERS, 0, 4 * i + 1)).isEmpty();
            guard.sent(HEADERS, END_STREAM, 1, 0);
            assertThat(guard.received(10, HEADERS, 0, 4 * i + 3)).isEmpty();
            assertThat(guard.received(4, RST_STREAM, 0, 4 * i + 3)).isEmpty();
        }
        assertThat(guard.received(4, RST_STREAM, 0, 1)).contains(Http2Breach.RESETS_RECEIVED);
    }

    @Test
    void shouldCountAStreamThatIsResetAgainOnce() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(guard.received(4, RST_STREAM, 0, 1 + 2 * (i % 2))).isEmpty();
        }
    }

    @Test
    void shouldLimitTheResetsThatAClientCauses() {
        for (int i = 0; i < 100; i++) {
            guard.sent(RST_STREAM, 0, i, 7);
        }
        assertThat(guard.received(10, HEADERS, 0, 1)).isEmpty();
        guard.sent(RST_STREAM, 0, 100, 7);
        assertThat(guard.received(10, HEADERS, 0, 1)).contains(Http2Breach.RESETS_CAUSED);
    }

    @Test
    void shouldNotMindThatCallsEndEarly() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(guard.received(10, HEADERS, 0, i)).isEmpty();
            guard.sent(HEADERS, END_STREAM, i, 0);
            guard.sent(RST_STREAM, 0, i, 0);
            assertThat(guard.received(100, DATA, 0, i)).isEmpty(); // was on its way
            guard.sent(RST_STREAM, 0, i, STREAM_CLOSED);
        }
    }

    @Test
    void shouldLimitRequestsWhoseAnswersAreNotRead() {
        shouldLet(1000 + MAX_CALLS, 10, HEADERS, Http2Breach.UNREAD_ANSWERS);
    }

    @Test
    void shouldLimitGoAways() {
        shouldLet(10, 8, 7, Http2Breach.USELESS_FRAMES);
    }

    @Test
    void shouldLimitContinuations() {
        assertThat(guard.received(10, HEADERS, 0, 1)).isEmpty();
        shouldLet(16, 0, CONTINUATION, Http2Breach.CONTINUATIONS);
        assertThat(guard.received(10, HEADERS, 0, 1)).isEmpty();
        shouldLet(16, 0, CONTINUATION, Http2Breach.CONTINUATIONS);
    }

    @Test
    void shouldLimitTheBytesOfAHeaderBlock() {
        assertThat(guard.received(16_000, HEADERS, 0, 1)).isEmpty();
        assertThat(guard.received(384, CONTINUATION, 0, 1)).isEmpty();
        assertThat(guard.received(1, CONTINUATION, 0, 1)).contains(Http2Breach.HEADER_BYTES);
    }

    @Test
    void shouldLimitSettings() {
        shouldLet(100, 6, SETTINGS, Http2Breach.SETTINGS);
    }

    @Test
    void shouldLimitEmptyData() {
        shouldLet(100, 0, DATA, Http2Breach.EMPTY_FRAMES);
    }

    @Test
    void shouldLimitFramesWithoutUse() {
        shouldLet(1000, 5, PRIORITY, Http2Breach.USELESS_FRAMES);
        pass();
        shouldLet(1000, 5, 77, Http2Breach.USELESS_FRAMES);
    }

    @Test
    void shouldLimitPingsWhoseAnswersAreNotRead() {
        shouldLet(1000 + MAX_CALLS, 8, PING, Http2Breach.UNREAD_ANSWERS);
    }

    @Test
    void shouldLetAnsweredPingsThrough() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(guard.received(8, PING, 0, 1)).isEmpty();
            guard.sent(PING, ACK, 1, 0);
        }
    }

    @Test
    void shouldLimitTheSizeOfFrames() {
        assertThat(guard.received(16_384, DATA, 0, 1)).isEmpty();
        assertThat(guard.received(16_385, DATA, 0, 1)).contains(Http2Breach.FRAME_BYTES);
    }

    @Test
    void shouldLetCallsThrough() {
        for (int call = 0; call < 100_000; call++) {
            if (call % 100 == 0) {
                pass();
            }
            guard.sent(HEADERS, END_STREAM, 1, 0);
            for (Optional<Http2Breach> breach : List.of(
                    guard.received(100, HEADERS, 4, 1),
                    guard.received(1000, DATA, 0, 1),
                    guard.received(0, DATA, END_STREAM, 1),
                    guard.received(4, WINDOW_UPDATE, 0, 1),
                    guard.received(0, SETTINGS, ACK, 1),
                    guard.received(8, PING, ACK, 1))) {
                assertThat(breach).isEmpty();
            }
        }
    }
}
