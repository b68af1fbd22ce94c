package dev.sluice.yamux.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a peer sends and an application does: see {@link SessionScript} for what the input says, and for what holds. */
class YamuxSessionFuzzTest {
    static Stream<byte[]> seeds() throws IOException {
        return Seeds.in("session");
    }

    @MethodSource("seeds")
    @FuzzTest
    void shouldKeepItsPromisesWhateverHappens(byte[] script) {
        new SessionScript(script).run();
    }
}
