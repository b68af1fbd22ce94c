package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MagicTest {
    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "backchannel,6261636b6368616e6e656c",
                "sidechannel,736964656368616e6e656c",
                "streamrpc00,73747265616d7270633030",
                "test mux   ,74657374206d7578202020"
            })
    void shouldBeTheBytesOnTheWire(String text, String hex) {
        assertThat(new Magic(text).bytes()).isEqualTo(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789", "0123456789ab", "streamrpc0\u00e9", "streamrpc0\n", "streamrpc0\u0000"})
    void shouldRefuseWhatIsNotElevenPrintableCharacters(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Magic(text))
                .withMessageContaining("wrong magic bytes length");
    }

    @Test
    void shouldNotShareItsBytes() {
        Magic magic = new Magic("backchannel");
        magic.bytes()[0] = 'x';
        assertThat(magic.bytes()[0]).isEqualTo((byte) 'b');
    }
}
