package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    private static final String STREAM = "/test.streamrpc.Test/Stream";
    private static final byte[] HELLO_WORLD = HexFormat.of().parseHex("120b68656c6c6f20776f726c64");

    @Test
    void shouldWriteTheExampleOfTheProtocolWhenFull() throws Exception {
        Request request = new Request(STREAM, HELLO_WORLD, Map.of("k2", List.of("v3"), "k1", List.of("v1", "v2")));
        String json = "{\"Method\":\"/test.streamrpc.Test/Stream\",\"Message\":\"EgtoZWxsbyB3b3JsZA==\","
                + "\"Metadata\":{\"k1\":[\"v1\",\"v2\"],\"k2\":[\"v3\"]}}";

        assertThat(text(request.toJson())).isEqualTo(json);
        assertThat(Frame.encode(request.toJson()).getInt()).isEqualTo(0x73);
        assertThat(Request.parse(utf8(json))).isEqualTo(request);
    }

    @Test
    void shouldBeEmptyWhereNothingWasSent() throws Exception {
        Request request = Request.parse(utf8("{\"Method\":\"/test.streamrpc.Test/Stream\"}"));

        assertThat(request.method()).isEqualTo(STREAM);
        assertThat(request.message()).isEmpty();
        assertThat(request.metadata()).isEmpty();
    }

    static Stream<String[]> goWrites() throws IOException {
        return GoTable.lines("go-writes.tsv", 4);
    }

    @ParameterizedTest
    @MethodSource("goWrites")
    void shouldWriteWhatGoWrites(String method, String message, String metadata, String json) throws Exception {
        Request request =
                new Request(GoTable.text(method), HexFormat.of().parseHex(message), GoTable.metadata(metadata));

        assertThat(text(request.toJson())).isEqualTo(GoTable.text(json));
        assertThat(Request.parse(request.toJson())).isEqualTo(request);
    }

    @Test
    void shouldWriteWhatOldGoWroteWhenControlCharacters() {
        Request request = new Request("\b\f", new byte[0], Map.of());

        assertThat(text(request.toJson())).startsWith("{\"Method\":\"\\u0008\\u000c\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "\uDE00", "\uDE00\uD83D"})
    void shouldWriteReplacementsWhenSurrogatesAreAlone(String method) {
        Request request = new Request(method, new byte[0], Map.of());

        assertThat(text(request.toJson())).startsWith("{\"Method\":\"" + "\\ufffd".repeat(method.length()) + "\",");
    }

    static Stream<String[]> goReads() throws IOException {
        return GoTable.lines("go-reads.tsv", 5);
    }

    @ParameterizedTest
    @MethodSource("goReads")
    void shouldReadWhatGoReads(String json, String kind, String first, String message, String metadata)
            throws Exception {
        byte[] payload = GoTable.bytes(json);

        if (kind.equals("request")) {
            assertThat(Request.parse(payload))
                    .isEqualTo(new Request(
                            GoTable.text(first), HexFormat.of().parseHex(message), GoTable.metadata(metadata)));
        } else {
            assertThat(kind).isEqualTo("error");
            assertThatThrownBy(() -> Request.parse(payload))
                    .isInstanceOf(BadRequestException.class)
                    .hasMessage(withoutGo(GoTable.text(first)));
        }
    }

    /** Our texts for wrong types, which name no types of Go; the key of the table's metadata is always k. */
    private static String withoutGo(String text) {
        return text.replaceFirst(
                        "^json: cannot unmarshal (array|object) into Go value.*",
                        "json: request is an $1, expected an object")
                .replaceFirst(
                        "^json: cannot unmarshal (\\w+) into Go value.*", "json: request is a $1, expected an object")
                .replace("Go struct field request.", "field ")
                .replace("of type map[string][]string", "of type object")
                .replace("Metadata of type []string", "Metadata[\"k\"] of type list of strings")
                .replace("Metadata of type string", "Metadata[\"k\"] of type string")
                .replace("[]uint8", "base64 string");
    }

    /** Where we are stricter than Go: an array of numbers as a message, null as a request, half a surrogate in a name. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"Message\":[]}        | json: cannot unmarshal array into field Message of type base64 string",
                "{\"Message\":[18,11]}   | json: cannot unmarshal array into field Message of type base64 string",
                "null                    | json: request is null, expected an object",
                "{\"\\ud83d\":1}         | json: Broken surrogate pair in field name",
            })
    void shouldRefuseWhatGoTakesWhenItMakesNoSense(String json, String text) {
        assertThatThrownBy(() -> Request.parse(utf8(json)))
                .isInstanceOf(BadRequestException.class)
                .hasMessageStartingWith(text);
    }

    @Test
    void shouldShortenTheNameWhenAnErrorShowsIt() {
        String json = "{\"Metadata\":{\"" + "k".repeat(100_000) + "\":1}}";

        assertThatThrownBy(() -> Request.parse(utf8(json)))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("json: cannot unmarshal number into field Metadata[\"" + "k".repeat(64)
                        + "...\"] of type list of strings");
    }

    @Test
    void shouldNotChangeWhenItsArraysDo() throws Exception {
        byte[] message = HELLO_WORLD.clone();
        Request request = new Request(STREAM, message, Map.of());

        message[0] = 0;
        request.message()[0] = 0;

        assertThat(request.message()).isEqualTo(HELLO_WORLD);
        assertThat(request.messageStream().readAllBytes()).isEqualTo(HELLO_WORLD);
    }

    @Test
    void shouldNotShowContentWhenPrinted() {
        Request request = new Request(STREAM, HELLO_WORLD, Map.of("authorization", List.of("secret")));

        assertThat(request).hasToString("Request[/test.streamrpc.Test/Stream, 13 bytes, metadata [authorization]]");
    }

    @Property(tries = 500)
    void shouldReadWhatItWrote(
            @ForAll @StringLength(max = 20) String method,
            @ForAll @Size(max = 50) byte[] message,
            @ForAll @Size(max = 4)
                    Map<@StringLength(max = 8) String, @Size(max = 3) List<@StringLength(max = 8) String>> metadata)
            throws Exception {
        Request request = new Request(method, message, metadata);

        Request parsed = Request.parse(request.toJson());

        assertThat(parsed.toJson()).isEqualTo(request.toJson());
        assertThat(parsed.message()).isEqualTo(message);
        assertThat(parsed.method()).isEqualTo(JsonText.withoutLoneSurrogates(method));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
