package dev.sluice.streamrpc.framed.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a peer sends: see {@link FramedCodecFuzz} for what holds. */
class FramedCodecFuzzTest {
    static Stream<byte[]> seeds() {
        Stream<String> frames =
                Stream.concat(Stream.of(HostileFramesTest.PARTS), Stream.of(String.join("", HostileFramesTest.PARTS)));
        Stream<String> texts = Stream.of(
                "{\"Endpoint\":\"\\u00e9\",\"DataType\":4,\"Accept\":3,\"Error\":18446744073709551615,\"X\":[{}]}",
                "0000000054 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0001\nx\n");
        return Stream.concat(
                frames.map(HexFormat.of()::parseHex), texts.map(text -> text.getBytes(StandardCharsets.UTF_8)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void shouldKeepItsPromisesWhateverComes(byte[] bytes) {
        FramedCodecFuzz.run(bytes);
    }
}
