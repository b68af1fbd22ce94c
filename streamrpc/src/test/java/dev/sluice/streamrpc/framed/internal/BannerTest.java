package dev.sluice.streamrpc.framed.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BannerTest {
    private static final String OURS = "0000000052 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0000\n";

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldBeReadableWhenEncoded() {
        assertThat(new String(Banner.OURS.encode(), StandardCharsets.UTF_8)).isEqualTo(OURS);
        assertThat(new String(Greeting.bytes(), StandardCharsets.UTF_8)).isEqualTo("framedrpc01" + OURS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "hi-IN-u-nu-deva"})
    void shouldHaveTheSameDigitsWhenTheLocaleHasOthers(String language) {
        Locale before = Locale.getDefault(Locale.Category.FORMAT);
        Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag(language));
        try {
            assertThat(String.format("%d", 1)).isNotEqualTo("1");
            assertThat(new String(Banner.OURS.encode(), StandardCharsets.UTF_8)).isEqualTo(OURS);
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    @Test
    void shouldWaitForAllOfItWhenItComesInPieces() throws TransportException {
        for (int length = 0; length < OURS.length(); length++) {
            ByteBuffer part = bytes(OURS.substring(0, length));
            assertThat(Banner.read(part)).isEmpty();
            assertThat(part.remaining()).isEqualTo(length);
        }
        ByteBuffer whole = bytes(OURS + "x");
        assertThat(Banner.read(whole)).contains(Banner.OURS);
        assertThat(whole.remaining()).isEqualTo(1);
    }

    @Test
    void shouldPassOverExtensionsWhenItDoesNotKnowThem() throws TransportException {
        String text = "SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0002\nnew\nh\u00e9\n";
        assertThat(Banner.read(bytes(String.format("%010d %s", text.length() + 1, text))))
                .contains(Banner.OURS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "00000000520",
                "0000002049 ",
                "9999999999 ",
                "0000000000 ",
                "0000000004 GET\n",
                "0000000051 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0000",
                "0000000052 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0001\n",
                "0000000054 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0000\nx\n",
                "0000000052 SLUICE_FRAMED_RPC PROTOVERSION=00x1 EXTENSIONS=0000\n"
            })
    void shouldRefuseWhatIsNoBanner(String text) {
        assertThatThrownBy(() -> Banner.read(bytes(text)))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR))
                .hasMessageStartingWith("banner: ");
    }

    @Test
    void shouldSayBothVersionsWhenTheyDiffer() {
        assertThatThrownBy(() -> Banner.OURS.requireSame(new Banner(9)))
                .hasMessageContaining("protocol versions do not match: ours is 1, theirs is 9");
    }
}
