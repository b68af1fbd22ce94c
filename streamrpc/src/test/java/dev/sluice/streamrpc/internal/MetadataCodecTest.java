package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataCodecTest {
    private static final Metadata.Key<String> KEY = Metadata.Key.of("k", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> BINARY = Metadata.Key.of("k-bin", Metadata.BINARY_BYTE_MARSHALLER);

    @Test
    void shouldKeepTheOrderOfValuesWhenAKeyRepeats() throws Exception {
        Metadata metadata = new Metadata();
        metadata.put(KEY, "2");
        metadata.put(Metadata.Key.of("Other", Metadata.ASCII_STRING_MARSHALLER), "x");
        metadata.put(KEY, "1");
        metadata.put(KEY, "2");

        assertThat(MetadataCodec.toMap(metadata)).isEqualTo(Map.of("k", List.of("2", "1", "2"), "other", List.of("x")));
    }

    @Test
    void shouldLowerNamesWhenReading() throws Exception {
        Map<String, List<String>> map = new TreeMap<>(Map.of("K", List.of("1", "2"), "k", List.of("3")));

        Metadata metadata = MetadataCodec.toMetadata(map);

        assertThat(metadata.keys()).containsExactly("k");
        assertThat(metadata.getAll(KEY)).containsExactly("1", "2", "3");
    }

    @Test
    void shouldBeEmptyWhenThereIsNoValue() throws Exception {
        assertThat(MetadataCodec.toMetadata(Map.of("k", List.of())).keys()).isEmpty();
        assertThat(MetadataCodec.toMap(new Metadata())).isEmpty();
    }

    @Test
    void shouldCarryBinaryValuesAsTextWhenTheyAreUtf8() throws Exception {
        byte[] value = "\0\u00e9\uD83D\uDE00\n".getBytes(StandardCharsets.UTF_8);
        Metadata metadata = new Metadata();
        metadata.put(BINARY, value);

        Map<String, List<String>> map = MetadataCodec.toMap(metadata);

        assertThat(map).isEqualTo(Map.of("k-bin", List.of("\0\u00e9\uD83D\uDE00\n")));
        assertThat(MetadataCodec.toMetadata(map).get(BINARY)).isEqualTo(value);
    }

    @Test
    void shouldRefuseBinaryValuesWhenTheyAreNotUtf8() {
        Metadata metadata = new Metadata();
        metadata.put(BINARY, new byte[] {1, (byte) 0xFF});

        assertThatThrownBy(() -> MetadataCodec.toMap(metadata))
                .isInstanceOf(BadRequestException.class)
                .hasMessage(
                        "metadata k-bin: a value of 2 bytes is not UTF-8, which is all that StreamRPC 00 can carry");
    }

    /** The last two have a lower case that is ASCII or begins with it. */
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:b", ":path", "a\n", "\u00e9", "-bin", "-BIN", "a\0", "\u212A", "\u0130"})
    void shouldRefuseNamesThatGrpcHasNot(String name) {
        assertThatThrownBy(() -> MetadataCodec.toMetadata(Map.of(name, List.of("v"))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageMatching("metadata name \".*\": expected letters, digits, '-', '_' and '.' only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "a\n", "\t", "\0", "\u007f", "\uFFFD", "\uD83D"})
    void shouldRefuseValuesThatAreNotPrintableAscii(String value) {
        assertThatThrownBy(() -> MetadataCodec.toMetadata(Map.of("Key", List.of("ok", value))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageMatching("metadata \"key\": the value has U\\+[0-9A-F]{4} at index [01], expected .*");
    }

    @Test
    void shouldNotShowTheValueWhenRefusing() {
        assertThatThrownBy(() -> MetadataCodec.toMetadata(Map.of("authorization", List.of("secret\n"))))
                .hasMessageNotContaining("secret");
    }

    @Property(tries = 300)
    void shouldReadWhatItWrote(@ForAll("metadata") Map<String, List<String>> map) throws Exception {
        Metadata metadata = MetadataCodec.toMetadata(map);

        assertThat(MetadataCodec.toMap(metadata)).isEqualTo(map);
    }

    @Provide
    Arbitrary<Map<String, List<String>>> metadata() {
        Arbitrary<String> names = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('0', '9')
                .withChars("-_.")
                .ofMinLength(1)
                .ofMaxLength(8);
        Arbitrary<String> values = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(12);
        return Arbitraries.maps(names, values.list().ofMinSize(1).ofMaxSize(4))
                .ofMaxSize(5)
                .filter(map -> !map.containsKey("-bin"));
    }
}
