package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SidechannelOfferTest {
    private final Metadata headers = new Metadata();

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private void put(String name, String... values) {
        for (String value : values) {
            headers.put(key(name), value);
        }
    }

    @Test
    void shouldOfferInTwoKeys() {
        SidechannelOffer.add(headers, 0);
        assertThat(headers.getAll(key("gitaly-sidechannel-id"))).containsExactly("0");
        assertThat(headers.getAll(key("sluice-sidechannel-unframed"))).containsExactly("0");
    }

    @Test
    void shouldOfferBehindWhatIsOfferedAlready() {
        SidechannelOffer.add(headers, 7);
        SidechannelOffer.add(headers, 7);
        assertThat(headers.getAll(key("gitaly-sidechannel-id"))).containsExactly("7", "7");
        assertThat(headers.getAll(key("sluice-sidechannel-unframed"))).containsExactly("7,7");
    }

    @Test
    void shouldTakeTheLastNumber() throws TransportException {
        put("gitaly-sidechannel-id", "1", "2", "-3");
        assertThat(SidechannelOffer.in(headers).id()).isEqualTo(-3);
    }

    @Test
    void shouldFindTheOfferOfAClientThatKnowsBothWays() {
        SidechannelOffer.add(headers, 7);
        assertThat(SidechannelOffer.in(headers).isUnframed()).isTrue();
    }

    @Test
    void shouldFindPacketsOnlyForAClientThatDoesNotSay() {
        put("gitaly-sidechannel-id", "7");
        assertThat(SidechannelOffer.in(headers).isUnframed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7})
    void shouldNotTakeAClientsOfferForThatOfTheProxyThatPassedItOn(long proxysId) {
        SidechannelOffer.add(headers, 7);
        put("gitaly-sidechannel-id", Long.toString(proxysId));
        assertThat(SidechannelOffer.in(headers).isUnframed()).isFalse();
    }

    @Test
    void shouldFindNothing() {
        assertThat(SidechannelOffer.in(headers).isPresent()).isFalse();
        assertThatThrownBy(() -> SidechannelOffer.in(headers).id())
                .hasMessage("sidechannel: sidechannel-id not found in incoming metadata")
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1x", "0x1", "1.5", "9223372036854775808"})
    void shouldRejectWhatIsNoNumber(String id) {
        put("gitaly-sidechannel-id", "1", id);
        assertThatThrownBy(() -> SidechannelOffer.in(headers).id())
                .hasMessage("sidechannel: sidechannel-id is no decimal number of 64 bits: " + id)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR));
    }
}
