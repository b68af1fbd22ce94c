package dev.sluice.tests.contract;

import dev.sluice.nio.Endpoint;
import dev.sluice.yamux.YamuxConfig;

/** Frames cut everything that is written, and windows never grow. */
class YamuxStreamOfTinyFramesTest extends YamuxStreamContract {
    @Override
    YamuxConfig config() {
        return YamuxConfig.builder()
                .maxFrameBytes(97)
                .maxWindowBytes(YamuxConfig.PROTOCOL_WINDOW_BYTES)
                .build();
    }

    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("yamux-tiny-frames");
    }
}
