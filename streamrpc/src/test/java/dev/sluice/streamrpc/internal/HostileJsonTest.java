package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Payloads as long as a frame may be and as bad as they can be: the named exceptions, soon, and nothing else. */
class HostileJsonTest {
    /** Far more than any of them takes, far less than anything quadratic would. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final int LIMIT = Frame.MAX_PAYLOAD_BYTES;
    private static final String END = "unexpected end of JSON input";
    private static final String DEEP = " exceeded max depth";

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments("open arrays", "[".repeat(LIMIT), "invalid character '['" + DEEP),
                arguments("open objects", fill("", "{\"a\":", ""), "invalid character '{'" + DEEP),
                arguments("arrays in an unknown member", fill("{\"x\":", "[", ""), "invalid character '['" + DEEP),
                arguments("arrays in the method", fill("{\"Method\":", "[", ""), "invalid character '['" + DEEP),
                arguments(
                        "arrays in metadata", fill("{\"Metadata\":{\"k\":[", "[", ""), "invalid character '['" + DEEP),
                arguments("one level too deep", nested(JsonSyntax.MAX_DEPTH), "invalid character '['" + DEEP),
                arguments("blanks", " ".repeat(LIMIT), END),
                arguments("a string without an end", fill("\"", "a", ""), END),
                arguments("a name without an end", fill("{\"", "a", ""), END),
                arguments("a number as document", "1".repeat(LIMIT), "json: request is a number, expected an object"),
                arguments(
                        "a number as method",
                        fill("{\"Method\":", "9", "}"),
                        "json: cannot unmarshal number into field Method of type string"),
                arguments("commas", fill("[", ",", ""), "invalid character ',' looking for beginning of value"),
                arguments(
                        "base64 cut off",
                        fill("{\"Message\":\"A", "\\n", "\"}"),
                        "illegal base64 data at input byte 524280"),
                arguments(
                        "a blank in base64",
                        fill("{\"Message\":\"", "A", " \"}"),
                        "illegal base64 data at input byte 1048560"),
                arguments("zeros", "\0".repeat(LIMIT), "invalid character '\\x00' looking for beginning of value"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void shouldRefuseSoonWhenHostile(String name, String json, String text) {
        byte[] payload = json.getBytes(StandardCharsets.ISO_8859_1);

        assertThat(payload).hasSizeLessThanOrEqualTo(LIMIT);
        assertTimeout(
                SOON,
                () -> assertThatThrownBy(() -> Request.parse(payload))
                        .isInstanceOf(BadRequestException.class)
                        .hasMessage(text));
        assertTimeout(SOON, () -> parseBoth(payload));
    }

    static Stream<Arguments> taken() {
        return Stream.of(
                arguments("as deep as allowed", nested(JsonSyntax.MAX_DEPTH - 1)),
                arguments("numbers", fill("{\"x\":[0", ",-1e999999999", "]}")),
                arguments("a long number", fill("{\"x\":1.", "3", "e-1}")),
                arguments("a long name", fill("{\"", "a", "\":1}")),
                arguments("a long unknown string", fill("{\"x\":\"", "\\ud83d", "\"}")),
                arguments("a long method", fill("{\"Method\":\"", "\\ud83d", "\"}")),
                arguments("invalid UTF-8", fill("{\"Method\":\"", "\u00ff", "\"}")),
                arguments("line ends in base64", fill("{\"Message\":\"", "\\r\\n", "\"}")),
                arguments("members of one name", fill("{\"Method\":\"\"", ",\"method\":\"m\"", "}")),
                arguments("metadata of one name", fill("{\"Metadata\":{\"k\":[]", ",\"k\":[\"v\"]", "}}")),
                arguments("empty objects", fill("{\"x\":[{}", ",{}", "]}")),
                arguments("blanks", fill("{", " ", "}")),
                arguments("names", "{" + names() + "}"),
                arguments("names in metadata", "{\"Metadata\":{" + names().replace(":0", ":[]") + "}}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("taken")
    void shouldTakeSoonWhenOnlyLarge(String name, String json) {
        byte[] payload = json.getBytes(StandardCharsets.ISO_8859_1);

        assertThat(payload).hasSizeLessThanOrEqualTo(LIMIT);
        assertTimeout(SOON, () -> Request.parse(payload));
        assertTimeout(SOON, () -> Response.parse(payload));
    }

    @Property(tries = 2000)
    void shouldThrowOnlyTheNamedExceptionsWhenBytesAreRandom(@ForAll @Size(max = 30) byte[] payload) {
        parseBoth(payload);
    }

    /** The parser and the scanner that explains its refusals must draw the line at the same place. */
    @Property(tries = 20_000)
    void shouldThrowOnlyTheNamedExceptionsWhenJsonIsMutated(@ForAll long seed) {
        parseBoth(mutated(new Random(seed)));
    }

    private static void parseBoth(byte[] payload) {
        boolean wellFormed = isWellFormed(payload);
        try {
            Request.parse(payload);
            assertThat(wellFormed).isTrue();
        } catch (BadRequestException e) {
            String ours = "json: (cannot unmarshal|request is|Broken surrogate).*|illegal base64 .*";
            assertThat(wellFormed).as(e.getMessage()).isEqualTo(e.getMessage().matches("(?s)" + ours));
        }
        try {
            assertThat(Response.parse(payload).isPresent()).isEqualTo(payload.length > 0);
        } catch (BadResponseException e) {
            assertThat(e).message().isNotEmpty();
        }
    }

    private static boolean isWellFormed(byte[] payload) {
        try {
            JsonSyntax.check(payload);
            return true;
        } catch (JsonException e) {
            return false;
        }
    }

    private static byte[] mutated(Random random) {
        String[] pieces = {
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u00",
            "null",
            "true",
            "fals",
            "-",
            "0",
            "1",
            ".",
            "e",
            "E+",
            " ",
            "\n",
            "\0",
            "\u00ff",
            "\u00ef\u00bb\u00bf",
            "/",
            "//",
            "'",
            "#",
            "NaN",
            "Infinity",
            "\"k\"",
            "[1]",
            "\"x\""
        };
        StringBuilder json = new StringBuilder(
                "{\"Method\":\"/a/b\",\"Message\":\"EgtoZWxsbw==\",\"Metadata\":"
                        + "{\"k1\":[\"v1\",\"v2\"],\"k2\":null},\"x\":[-1.5e-3,{\"y\":[true]},\"\\ud83d\\ude00\"],\"Error\":\"e\",\"Code\":5}");
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            int at = random.nextInt(json.length());
            int end = random.nextBoolean() ? at : Math.min(json.length(), at + random.nextInt(4));
            json.replace(at, end, random.nextInt(3) == 0 ? "" : pieces[random.nextInt(pieces.length)]);
        }
        if (random.nextInt(5) == 0) {
            json.setLength(random.nextInt(json.length()));
        }
        return json.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The limit's worth of {@code piece} between head and tail. */
    private static String fill(String head, String piece, String tail) {
        return head + piece.repeat((LIMIT - head.length() - tail.length()) / piece.length()) + tail;
    }

    /** An object with arrays {@code depth} deep within. */
    private static String nested(int depth) {
        return "{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
    }

    private static String names() {
        return IntStream.range(0, 80_000).mapToObj(i -> "\"n" + i + "\":0").collect(Collectors.joining(","));
    }
}
