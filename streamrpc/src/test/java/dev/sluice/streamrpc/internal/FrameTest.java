package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, 00000000",
                "hello, 00000005_68656c6c6f",
                "{\"Method\":\"/test.streamrpc.Test/Stream\"}, "
                        + "00000028_7b224d6574686f64223a222f746573742e73747265616d7270632e546573742f53747265616d227d",
                "{\"Method\":\"does not exist\"}, " + "0000001b_7b224d6574686f64223a22646f6573206e6f74206578697374227d",
                "{\"Error\":\"method not found: does not exist\"}, "
                        + "0000002c_7b224572726f72223a226d6574686f64206e6f7420666f756e643a20646f6573206e6f74206578697374227d",
            })
    void shouldPutTheLengthInFrontWhenEncoding(String payload, String frame) throws TransportException {
        ByteBuffer encoded = Frame.encode(payload.getBytes(StandardCharsets.UTF_8));

        assertThat(hex(encoded)).isEqualTo(frame.replace("_", ""));
    }

    @Test
    void shouldEncodeWhenPayloadIsAtTheLimit() throws TransportException {
        ByteBuffer encoded = Frame.encode(new byte[0xFFFFF]);

        assertThat(encoded.remaining()).isEqualTo(0xFFFFF + 4);
        assertThat(encoded.getInt()).isEqualTo(0x000FFFFF);
    }

    @Test
    void shouldRefuseToEncodeWhenPayloadIsOverTheLimit() {
        assertThatThrownBy(() -> Frame.encode(new byte[0x100000]))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED))
                .hasMessage("frame too large: 1048576 bytes, the protocol allows 1048575");
    }

    static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
