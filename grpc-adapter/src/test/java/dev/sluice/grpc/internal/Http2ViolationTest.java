package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.grpc.Http2Limits;
import io.grpc.okhttp.internal.framed.FrameReader;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The codes are read from grpc-okhttp's words: these are the words of the version that is here. */
class Http2ViolationTest {
    private static final FrameReader.Handler DEAF = (FrameReader.Handler) Proxy.newProxyInstance(
            Http2ViolationTest.class.getClassLoader(),
            new Class<?>[] {FrameReader.Handler.class},
            (self, method, arguments) -> null);

    @ParameterizedTest(name = "type {0}, flags {1}, stream {2}, {3} bytes")
    @CsvSource({
        "2, 0, 1, 4, 6", // PRIORITY has 5
        "2, 0, 0, 5, 1", // and a stream
        "3, 0, 1, 5, 6", // RST_STREAM has 4
        "3, 0, 0, 4, 1",
        "4, 0, 0, 5, 6", // SETTINGS have 6 each
        "4, 0, 1, 6, 1",
        "4, 1, 0, 6, 6", // and nothing that acknowledges them
        "6, 0, 0, 7, 6", // PING has 8
        "6, 0, 1, 8, 1",
        "8, 0, 0, 5, 6", // WINDOW_UPDATE has 4
        "8, 0, 0, 4, 1", // and is not 0
        "1, 4, 0, 3, 1" // HEADERS have a stream
    })
    void shouldSayWhichRuleWasBroken(int type, int flags, int stream, int length, int code) throws Exception {
        FrameFeed feed = new FrameFeed(new FrameGuard(Http2Limits.defaults(), 100, () -> 0));
        feed.receive(ByteBuffer.wrap(Http2Preface.PREFACE));
        feed.receive(ByteBuffer.allocate(9 + length)
                .put((byte) 0)
                .putShort((short) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .rewind());
        Throwable failure = catchThrowable(() -> feed.deliver(DEAF));
        assertThat(failure).isNotNull();
        assertThat(Http2Violation.codeOf(failure)).as("%s", failure).isEqualTo(code);
    }

    @Test
    void shouldKeepACodeThatItWasGiven() {
        assertThat(Http2Violation.codeOf(new Http2Violation(Http2Frames.FLOW_CONTROL_ERROR, "a frame's length")))
                .isEqualTo(Http2Frames.FLOW_CONTROL_ERROR);
    }
}
