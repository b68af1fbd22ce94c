package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.tls.TlsFailure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCheckTest {
    private static ByteBuffer head(int type, int length) {
        return ByteBuffer.wrap(new byte[] {(byte) type, 3, 3, (byte) (length >> 8), (byte) length});
    }

    private static TlsProtocolException refusal(ByteBuffer bytes, boolean tls12) {
        TlsProtocolException refusal =
                catchThrowableOfType(TlsProtocolException.class, () -> RecordCheck.completeLength(bytes, tls12));
        assertThat(refusal).as("refusal").isNotNull();
        return refusal;
    }

    @Test
    void shouldTakeTheFourTypesOfRecordsAndNoOther() throws Exception {
        for (int first = 0; first < 256; first++) {
            ByteBuffer one = ByteBuffer.wrap(new byte[] {(byte) first});
            if (first >= 20 && first <= 23) {
                assertThat(RecordCheck.completeLength(one, false)).isZero();
            } else {
                assertThat(refusal(one, false).kind()).isEqualTo(TlsFailure.MALFORMED);
            }
            assertThat(one.position()).isZero();
        }
    }

    @Test
    void shouldSayHowMuchOfARecordIsMissing() {
        ByteBuffer head = head(23, 300);
        assertThat(RecordCheck.missingBytes(head)).isEqualTo(300);
        assertThat(RecordCheck.missingBytes(head.limit(4))).isZero();
        assertThat(RecordCheck.missingBytes(ByteBuffer.allocate(400))).isZero();
    }

    @Test
    void shouldTakeMajorVersion3AndNoOther() throws Exception {
        for (int major = 0; major < 256; major++) {
            ByteBuffer two = ByteBuffer.wrap(new byte[] {22, (byte) major});
            if (major == 3) {
                assertThat(RecordCheck.completeLength(two, false)).isZero();
            } else {
                assertThat(refusal(two, false).kind()).isEqualTo(TlsFailure.MALFORMED);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 16640", "true, 18432"})
    void shouldRefuseTheHeadWhenTheRecordIsOneByteTooLong(boolean tls12, int limit) throws Exception {
        assertThat(RecordCheck.completeLength(head(23, limit), tls12)).isZero();
        TlsProtocolException refusal = refusal(head(23, limit + 1), tls12);
        assertThat(refusal.kind()).isEqualTo(TlsFailure.MALFORMED);
        assertThat(refusal).hasMessageContaining(Integer.toString(limit + 1)).hasMessageContaining("" + limit);
        assertThat(refusal(head(23, 0xffff), tls12).kind()).isEqualTo(TlsFailure.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 16640})
    void shouldKnowWhenARecordIsComplete(int length) throws Exception {
        ByteBuffer record = ByteBuffer.allocate(3 + 5 + length + 1);
        record.position(3);
        record.put(head(23, length)).position(3);
        assertThat(RecordCheck.completeLength(record.limit(3 + 5 + length), false))
                .isEqualTo(5 + length);
        assertThat(RecordCheck.completeLength(record.limit(3 + 5 + length + 1), false))
                .isEqualTo(5 + length);
        assertThat(RecordCheck.completeLength(record.limit(3 + 5 + length - 1), false))
                .isZero();
        assertThat(record.position()).isEqualTo(3);
    }

    @Test
    void shouldWaitWhenThereIsNothing() throws Exception {
        assertThat(RecordCheck.completeLength(ByteBuffer.allocate(0), true)).isZero();
    }

    /** TLS 1.3 has none: after its handshake, handshake messages travel as application data. */
    @Test
    void shouldRefuseRenegotiationInTls12Only() throws Exception {
        assertThat(refusal(ByteBuffer.wrap(new byte[] {22}), true).kind()).isEqualTo(TlsFailure.RENEGOTIATION);
        assertThat(RecordCheck.completeLength(head(22, 100), false)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1| HTTP",
                "OPTIONS * HTTP/1.1| HTTP",
                "HTTP/1.1 400 Bad Request| HTTP",
                "PRI * HTTP/2.0| HTTP/2 (gRPC)",
                "streamrpc00| a protocol of Sluice",
                "backchannel| a protocol of Sluice",
                "SSH-2.0-OpenSSH_9| SSH"
            })
    void shouldNameWhatIsSpokenInPlaintext(String text, String kind) {
        TlsProtocolException refusal = refusal(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), false);
        assertThat(refusal.kind()).isEqualTo(TlsFailure.PLAINTEXT);
        assertThat(refusal).hasMessageContaining("speaks " + kind + " in plaintext");
    }

    @Test
    void shouldShowNoneOfTheBytesWhenItKnowsNothingOfThem() {
        TlsProtocolException refusal =
                refusal(ByteBuffer.wrap("password hunter2".getBytes(StandardCharsets.US_ASCII)), false);
        assertThat(refusal.kind()).isEqualTo(TlsFailure.MALFORMED);
        assertThat(refusal.getMessage()).doesNotContain("password");
    }
}
