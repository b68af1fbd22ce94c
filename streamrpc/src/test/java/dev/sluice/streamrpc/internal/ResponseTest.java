package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.streamrpc.internal.Response.Rejection;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseTest {
    private static final int TEXT_LIMIT = 0xFFFFF - "{\"Error\":\"\"}".length();

    @Test
    void shouldBeFourZerosWhenAccepting() throws Exception {
        assertThat(FrameTest.hex(Response.acceptFrame())).isEqualTo("00000000");
        assertThat(Response.accept()).isEmpty();
        assertThat(Response.parse(new byte[0])).isEmpty();
    }

    @Test
    void shouldBeTheExamplesOfTheProtocolWhenRejecting() {
        assertThat(FrameTest.hex(Response.rejectionFrame("method not found: does not exist")))
                .isEqualTo("0000002c"
                        + "7b224572726f72223a226d6574686f64206e6f7420666f756e643a20646f6573206e6f74206578697374227d");
        assertThat(FrameTest.hex(Response.rejectionFrame("this is the server error")))
                .isEqualTo("00000024" + "7b224572726f72223a22746869732069732074686520736572766572206572726f72227d");
    }

    @Test
    void shouldEscapeLikeGoWhenRejecting() {
        assertThat(text(Response.rejection("<a href=\"b\">&'\\\n\u2028\u00e9\uD83D\uDE00\uD83D")))
                .isEqualTo(
                        "{\"Error\":\"\\u003ca href=\\\"b\\\"\\u003e\\u0026'\\\\\\n\\u2028\u00e9\uD83D\uDE00\\ufffd\"}");
    }

    /** Characters of 1 to 4 bytes, and escapes of 2 and 6. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00e9", "\u4e2d", "\uD83D\uDE00", "\n", "<", "\uD83D"})
    void shouldCutAtACharacterWhenTheFrameWouldBeTooLong(String character) throws Exception {
        for (int offset = 0; offset < 7; offset++) {
            String error = "a".repeat(offset) + character.repeat(TEXT_LIMIT + 1);

            byte[] payload = Response.rejection(error);

            assertThat(payload.length).isBetween(Frame.MAX_PAYLOAD_BYTES - 5, Frame.MAX_PAYLOAD_BYTES);
            String parsed = Response.parse(payload).orElseThrow().error();
            // No AssertJ on the text itself: it would print a megabyte.
            assertThat(parsed.endsWith("...")).isTrue();
            String kept = parsed.substring(0, parsed.length() - 3);
            assertThat(JsonText.withoutLoneSurrogates(error).startsWith(kept)).isTrue();
        }
    }

    @Test
    void shouldKeepTheWholeTextWhenItJustFits() {
        byte[] whole = Response.rejection("a".repeat(TEXT_LIMIT));
        byte[] cut = Response.rejection("a".repeat(TEXT_LIMIT + 1));

        assertThat(whole).hasSize(0xFFFFF).isEqualTo(utf8("{\"Error\":\"" + "a".repeat(TEXT_LIMIT) + "\"}"));
        assertThat(cut).hasSize(0xFFFFF).isEqualTo(utf8("{\"Error\":\"" + "a".repeat(TEXT_LIMIT - 3) + "...\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                            | ``    |",
                "{\"Error\":null}                              | ``    |",
                "{\"Error\":\"\"}                              | ``    |",
                "{\"error\":\"e\"}                             | e     |",
                "{\"Error\":\"e\",\"Code\":7}                  | e     | 7",
                "{\"code\":16,\"Error\":\"e\",\"Details\":[{}]}| e     | 16",
                "{\"Error\":\"\\u003ce\\u003e\"}               | <e>   |",
                "{\"Error\":\"e\",\"Code\":0}                  | e     |",
                "{\"Error\":\"e\",\"Code\":17}                 | e     |",
                "{\"Error\":\"e\",\"Code\":-1}                 | e     |",
                "{\"Error\":\"e\",\"Code\":99999999999999999}  | e     |",
                "{\"Error\":\"e\",\"Code\":7.0}                | e     |",
                "{\"Error\":\"e\",\"Code\":\"7\"}              | e     |",
                "{\"Error\":\"e\",\"Code\":null}               | e     |",
                "{\"Error\":\"e\",\"Code\":[7]}                | e     |",
            })
    void shouldBeARejectionWhenAnObject(String json, String error, Integer code) throws Exception {
        Rejection rejection = Response.parse(utf8(json)).orElseThrow();

        assertThat(rejection)
                .isEqualTo(new Rejection(error, code == null ? OptionalInt.empty() : OptionalInt.of(code)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{              | unexpected end of JSON input",
                "{}x            | invalid character 'x' after top-level value",
                "SSH-2.0-x      | invalid character 'S' looking for beginning of value",
                "[]             | json: response is an array, expected an object",
                "null           | json: response is null, expected an object",
                "{\"Error\":1}  | json: cannot unmarshal number into field Error of type string",
            })
    void shouldRefuseWhenMalformed(String json, String text) {
        assertThatThrownBy(() -> Response.parse(utf8(json)))
                .isInstanceOf(BadResponseException.class)
                .hasMessage(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "method not found: x                          |    | UNIMPLEMENTED     | method not found: x",
                "rpc error: code = NotFound desc = no such    |    | NOT_FOUND         | no such",
                "rpc error: code = NotFound desc = no such    | 7  | PERMISSION_DENIED | no such",
                "no such                                      | 5  | NOT_FOUND         | no such",
                "no such                                      |    | UNKNOWN           | no such",
            })
    void shouldPreferTheCodeWhenSent(String error, Integer code, Status.Code expected, String description) {
        Rejection rejection = new Rejection(error, code == null ? OptionalInt.empty() : OptionalInt.of(code));

        assertThat(rejection.status().getCode()).isEqualTo(expected);
        assertThat(rejection.status().getDescription()).isEqualTo(description);
    }

    @Property(tries = 500)
    void shouldReadWhatItWrote(@ForAll String error) throws Exception {
        Rejection rejection = Response.parse(Response.rejection(error)).orElseThrow();

        assertThat(rejection.error()).isEqualTo(JsonText.withoutLoneSurrogates(error));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
