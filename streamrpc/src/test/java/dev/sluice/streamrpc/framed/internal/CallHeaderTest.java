package dev.sluice.streamrpc.framed.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.CallStatus;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallHeaderTest {
    private static String json(CallHeader header) throws TransportException {
        return new String(header.encode(), StandardCharsets.UTF_8);
    }

    private static CallHeader parse(String json) throws TransportException {
        return CallHeader.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldWriteTheBytesOfTheProtocolWhenEncoding() throws TransportException {
        assertThat(json(CallHeader.request("Echo", DataType.JSON, DataType.JSON)))
                .isEqualTo("{\"Endpoint\":\"Echo\",\"DataType\":3,\"Accept\":3,\"Error\":0,\"ErrorMessage\":\"\"}\n")
                .hasSize(0x48);
        assertThat(json(CallHeader.answer(DataType.OCTETS)))
                .isEqualTo("{\"Endpoint\":\"\",\"DataType\":4,\"Accept\":0,\"Error\":1,\"ErrorMessage\":\"\"}\n")
                .hasSize(0x44);
        assertThat(json(CallHeader.error(CallStatus.REQUEST_ERROR, "unregistered endpoint Foo")))
                .isEqualTo("{\"Endpoint\":\"\",\"DataType\":0,\"Accept\":0,\"Error\":2,"
                        + "\"ErrorMessage\":\"unregistered endpoint Foo\"}\n")
                .hasSize(0x5d);
        assertThat(json(CallHeader.request(CallHeader.CLOSE, DataType.CONTROL, DataType.CONTROL)))
                .isEqualTo("{\"Endpoint\":\"Close\",\"DataType\":2,\"Accept\":2,\"Error\":0,\"ErrorMessage\":\"\"}\n")
                .hasSize(0x49);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u0001", "\u00e9", "\u2028", "\ud83d\ude00", "\"", "\ud83d"})
    void shouldCutTheTextWhenItIsTooLong(String character) throws TransportException {
        for (int length : new int[] {600, 2_000, 4_000, 4_030, 5_000, 100_000}) {
            byte[] json =
                    CallHeader.error(CallStatus.ERROR, character.repeat(length)).encode();

            assertThat(json).hasSizeLessThanOrEqualTo(CallHeader.MAX_BYTES);
            assertThat(CallHeader.parse(json).text()).startsWith(character.equals("\ud83d") ? "\ufffd" : character);
        }
    }

    @Test
    void shouldLeaveTheTextWhenItJustFits() throws TransportException {
        int envelope = json(CallHeader.error(CallStatus.ERROR, "")).length();
        String fits = "x".repeat(CallHeader.MAX_BYTES - envelope);

        assertThat(parse(json(CallHeader.error(CallStatus.ERROR, fits))).text()).isEqualTo(fits);
        assertThat(json(CallHeader.error(CallStatus.ERROR, fits + "z")))
                .contains("x...")
                .doesNotContain("z");
    }

    @Test
    void shouldRefuseToEncodeWhenTheNameIsTooLong() {
        assertThatThrownBy(() -> CallHeader.request("x".repeat(4096), DataType.JSON, DataType.JSON)
                        .encode())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED))
                .hasMessageContaining("of 4096 characters");
    }

    @Test
    void shouldReadWhatIsThereWhenFieldsAreMissingOrUnknownOrInAnotherCase() throws TransportException {
        assertThat(parse("{}")).isEqualTo(new CallHeader("", 0, 0, 0, ""));
        assertThat(parse("{\"Version\":{\"a\":[1]},\"endpoint\":\"E\",\"ACCEPT\":255,\"DataType\":null}"))
                .isEqualTo(new CallHeader("E", 0, 255, 0, ""));
        assertThat(parse("{\"Error\":18446744073709551615}").status()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "null",
                "[]",
                "{",
                "{\"Endpoint\":\"E",
                "{\"Endpoint\":\"E\"",
                "{}{}",
                "{\"Endpoint\":1}",
                "{\"DataType\":256}",
                "{\"DataType\":-1}",
                "{\"DataType\":\"3\"}",
                "{\"Accept\":1.5}",
                "{\"Error\":18446744073709551616}"
            })
    void shouldRefuseWhatIsNoHeader(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR))
                .hasMessageStartingWith("cannot read header: ");
    }

    @ParameterizedTest
    @CsvSource({"0, expected an error", "1, expected an error", "5, with the status 5"})
    void shouldNotTakeAnUnknownStatusForAFailure(long status, String text) {
        assertThatThrownBy(() -> new CallHeader("", 0, 0, status, "").toFailure())
                .isInstanceOf(TransportException.class)
                .hasMessageContaining(text);
    }

    @Test
    void shouldNameTypesAndStatusesAsTheProtocolDoesWhenInTexts() throws TransportException {
        assertThat(CallHeader.error(CallStatus.SERVER_ERROR, "t").toFailure()).hasMessage("StatusServerError: t");
        assertThat(DataType.nameOf(3)).isEqualTo("DataTypeMarshaledJSON");
        assertThat(DataType.nameOf(0)).isEqualTo("DataType(0)");
        assertThat(DataType.nameOf(200)).isEqualTo("DataType(200)");
    }
}
