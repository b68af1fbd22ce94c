package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class YamuxConfigTest {
    @Test
    void shouldHaveMemoryForAsManyStreamsAsThereMayBe() {
        YamuxConfig config = YamuxConfig.defaults();
        assertThat(config.sessionMemoryBytes())
                .isEqualTo((config.maxInboundStreams() + config.maxOutboundStreams()) * 262144L);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldRefuseWhatMakesNoSense(String name, UnaryOperator<YamuxConfig.Builder> setting) {
        YamuxConfig.Builder builder = setting.apply(YamuxConfig.builder());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    static Stream<Arguments> wrong() {
        Duration negative = Duration.ofNanos(-1);
        return Stream.of(
                wrong("acceptBacklog", b -> b.acceptBacklog(0)),
                wrong("maxInboundStreams", b -> b.maxInboundStreams(-1)),
                wrong("maxOutboundStreams", b -> b.maxOutboundStreams(-1)),
                wrong("initialWindowBytes", b -> b.initialWindowBytes(262143)),
                wrong("initialWindowBytes", b -> b.initialWindowBytes(1 << 20).maxWindowBytes(1 << 19)),
                wrong("maxWindowBytes", b -> b.maxWindowBytes((16 << 20) + 1)),
                wrong("sessionMemoryBytes", b -> b.sessionMemoryBytes((314 << 20) - 1)),
                wrong("sessionMemoryBytes", b -> b.maxInboundStreams(1001)),
                wrong("maxFrameBytes", b -> b.maxFrameBytes(0)),
                wrong("maxFrameBytes", b -> b.maxFrameBytes(65537)),
                wrong("maxEarlyResets", b -> b.maxEarlyResets(0)),
                wrong("keepAliveInterval", b -> b.keepAliveInterval(negative)),
                wrong("keepAliveTimeout", b -> b.keepAliveTimeout(Duration.ZERO)),
                wrong("openTimeout", b -> b.openTimeout(negative)),
                wrong(
                        "openTimeoutEndsSession",
                        b -> b.openTimeoutEndsSession(true).openTimeout(Duration.ZERO)),
                wrong("closeTimeout", b -> b.closeTimeout(negative)),
                wrong("closeTimeoutAfterEnd", b -> b.closeTimeoutAfterEnd(true).closeTimeout(Duration.ZERO)),
                wrong("writeTimeout", b -> b.writeTimeout(Duration.ZERO)),
                wrong("pingTimeout", b -> b.pingTimeout(Duration.ZERO)),
                wrong("drainTimeout", b -> b.drainTimeout(Duration.ZERO)));
    }

    private static Arguments wrong(String name, UnaryOperator<YamuxConfig.Builder> setting) {
        return Arguments.of(name, setting);
    }
}
