package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes as X.690 wants them, in hex. */
class DerTest {
    private static String hex(byte[] der) {
        return HexFormat.ofDelimiter(" ").formatHex(der);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 02 01 00",
        "127, 02 01 7f",
        "128, 02 02 00 80",
        "256, 02 02 01 00",
        "-1, 02 01 ff",
        "-128, 02 01 80",
    })
    void shouldTakeAsFewOctetsAsItCanWhenWritingIntegers(long number, String expected) {
        assertThat(hex(Der.integer(number))).isEqualTo(expected);
        assertThat(hex(Der.integer(BigInteger.valueOf(number)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.840.113549.1.1.1, 06 09 2a 86 48 86 f7 0d 01 01 01",
        "1.2.840.10045.2.1, 06 07 2a 86 48 ce 3d 02 01",
        "2.5.29.17, 06 03 55 1d 11",
        "1.3.101.112, 06 03 2b 65 70",
        "2.999.3, 06 03 88 37 03",
        "2.16.840.1.101.3.4.3.128, 06 0a 60 86 48 01 65 03 04 03 81 00",
    })
    void shouldReadBackWhatItWritesWhenItIsAnObjectIdentifier(String dotted, String expected) throws Exception {
        assertThat(hex(Der.oid(dotted))).isEqualTo(expected);
        assertThat(DerReader.of(Der.oid(dotted))
                        .expect(Der.OBJECT_IDENTIFIER, "name")
                        .oid())
                .isEqualTo(dotted);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 04 00",
        "127, 04 7f",
        "128, 04 81 80",
        "255, 04 81 ff",
        "256, 04 82 01 00",
        "65536, 04 83 01 00 00",
    })
    void shouldWriteTheShortestLengthWhenContentGrows(int length, String expected) {
        byte[] der = Der.octetString(new byte[length]);

        assertThat(hex(der)).startsWith(expected);
        assertThat(der).hasSize(length + expected.split(" ", -1).length);
    }

    @Test
    void shouldUseFourDigitsWhenTheYearIs2050() {
        assertThat(Der.time(Instant.parse("2049-12-31T23:59:59.9Z")))
                .startsWith(0x17, 13)
                .endsWith("491231235959Z".getBytes(StandardCharsets.US_ASCII));
        assertThat(Der.time(Instant.parse("2050-01-01T00:00:00Z")))
                .startsWith(0x18, 15)
                .endsWith("20500101000000Z".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void shouldNestWhenValuesHoldValues() {
        assertThat(hex(Der.sequence(Der.bool(true), Der.nul(), Der.explicit(3, Der.setOf(Der.utf8("ä"))))))
                .isEqualTo("30 0d 01 01 ff 05 00 a3 06 31 04 0c 02 c3 a4");
        assertThat(hex(Der.implicit(2, new byte[] {'a'}))).isEqualTo("82 01 61");
        assertThat(hex(Der.namedBits(0x80))).isEqualTo("03 02 07 80");
        assertThat(hex(Der.bitString(new byte[] {1, 2}))).isEqualTo("03 03 00 01 02");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"30", "30 05 00", "30 80 00 00", "30 84 ff ff ff ff", "30 85 00 00 00 00 01 00", "30 82 01"})
    void shouldRefuseWhenALengthIsNot(String hex) {
        byte[] der = HexFormat.ofDelimiter(" ").parseHex(hex);

        assertThatExceptionOfType(KeyFormatException.class)
                .isThrownBy(() -> DerReader.of(der).next());
    }

    @Property
    void shouldEndOrRefuseWhenBytesAreAny(@ForAll byte[] bytes) {
        try {
            DerReader reader = DerReader.of(bytes);
            while (reader.next() >= 0) {
                reader.enter().next();
                reader.oid();
            }
        } catch (KeyFormatException e) {
            assertThat(e).hasMessageMatching("(is|has) .*");
        }
    }
}
