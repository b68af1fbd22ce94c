package dev.sluice.streamrpc.framed.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Some of the bytes that a fuzzer would try: messages that were right, with a few bytes changed, cut, or in another order. */
class HostileFramesTest {
    static final String[] PARTS = {
        "010102000000" + "7b7d",
        "010148000000"
                + "7b22456e64706f696e74223a224563686f222c224461746154797065223a332c22416363657074223a332c224572726f"
                + "72223a302c224572726f724d657373616765223a22227d0a",
        "02010100000061",
        "02000100000061",
        "020100000000",
        "030100000000",
        "030102000000" + "7b7d",
        "100100000000",
        "ff0100000000"
    };

    @Property(tries = 2000)
    void shouldDoWhatItPromisesWhateverComes(@ForAll long seed) {
        Random random = new Random(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int parts = random.nextInt(8); parts > 0; parts--) {
            bytes.writeBytes(HexFormat.of().parseHex(PARTS[random.nextInt(PARTS.length)]));
        }
        byte[] wire = bytes.toByteArray();
        for (int changes = random.nextInt(3); changes > 0 && wire.length > 0; changes--) {
            wire[random.nextInt(wire.length)] = (byte) random.nextInt(256);
        }
        FramedCodecFuzz.run(wire);
    }

    @Property(tries = 500)
    void shouldDoWhatItPromisesWhenHeadersAndBannersAreOdd(@ForAll String text) {
        FramedCodecFuzz.run(text.getBytes(StandardCharsets.UTF_8));
        FramedCodecFuzz.run(("{\"Endpoint\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8));
        FramedCodecFuzz.run(("0000000052 SLUICE_FRAMED_RPC PROTOVERSION=" + text).getBytes(StandardCharsets.UTF_8));
    }
}
