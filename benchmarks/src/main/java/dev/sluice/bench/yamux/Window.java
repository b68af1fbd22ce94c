package dev.sluice.bench.yamux;

import dev.sluice.yamux.YamuxConfig;
import java.util.List;

/** What a stream may have under way: the same from its beginning to its end, for no one's tuning is measured. */
enum Window {
    SMALL(256 << 10),
    LARGE(16 << 20);

    /** More than any test has, and those of the run before may still be ending. */
    private static final int STREAMS = 16;

    private final int bytes;

    Window(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /** Returns the tests on which its size has a bearing. */
    List<YamuxTest> tests() {
        return this == LARGE ? List.of(YamuxTest.BULK, YamuxTest.BULK_8) : List.of(YamuxTest.values());
    }

    String label() {
        int kibibytes = bytes >> 10;
        return "windows of " + (kibibytes < 1 << 10 ? kibibytes + " KiB" : (kibibytes >> 10) + " MiB");
    }

    /** Returns the settings of a side of ours. Streams are opened by one side only. */
    YamuxConfig config(boolean opens) {
        return YamuxConfig.builder()
                .maxInboundStreams(opens ? 0 : STREAMS)
                .maxOutboundStreams(opens ? STREAMS : 0)
                .initialWindowBytes(bytes)
                .maxWindowBytes(bytes)
                .sessionMemoryBytes((long) STREAMS * bytes)
                .build();
    }
}
