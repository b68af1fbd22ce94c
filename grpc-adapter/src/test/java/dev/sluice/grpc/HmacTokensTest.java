package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.grpc.HmacTokens.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HmacTokensTest {
    private static final long NOW = 1_535_671_600;

    private final HmacTokens tokens = at(NOW);

    private static HmacTokens at(long seconds) {
        return new HmacTokens("foo", InstantSource.fixed(Instant.ofEpochSecond(seconds)));
    }

    /** The secret is {@code foo}; the first two and the denied ones are Gitaly's. */
    @ParameterizedTest
    @CsvSource({
        "v2.3346cb25ecdb928defd368e7390522a86764bbdf1e8b21aaef27c4c23ec9c899.1535671615, OK",
        "v2.b77158328e80be2984eaf08788419d25f3484eae484aec1297af6bdf1a456610.1535671585, OK",
        "v2.32cb3dc8ed21bf80f981386103078008eff5abe92dcb0294e50dd5f6227082cc.1535671630, OK",
        "v2.f643d373d14cfb98d2538a619fbbaf2f51c05d4b4cda36030c387f5d29acf922.1535671570, OK",
        "V2.f643d373d14cfb98d2538a619fbbaf2f51c05d4b4cda36030c387f5d29acf922.1535671570, UNKNOWN_VERSION",
        "v2.F643D373D14CFB98D2538A619FBBAF2F51C05D4B4CDA36030C387F5D29ACF922.1535671570, OK",
        "v2.ab9e7315aeecf6815fc0df585370157814131acab376f41797ad4ebc4d9a823c.1535671631, TOO_NEW",
        "v2.f805bc69ca3aedd99e814b3fb1fc1e6a1094191691480b168a20fad7c2d24557.1535671569, TOO_OLD",
        "v2.52a3b9016f46853c225c72b87617ac27109bba8a3068002069ab90e28253a911.1535671585, WRONG_SIGNATURE",
        "v2.319b96a3194c1cb2a2e6f1386161aca1c4cda13257fa9df8a328ab6769649bb0.1535671599, WRONG_SIGNATURE",
        "v3.6fec98e8fe494284ce545c4b421799f02b9718b0eadfc3772d027e1ac5d6d569.1535671601, UNKNOWN_VERSION",
        "v2..1535671600, WRONG_SIGNATURE",
        "v2.xy.1535671600, MALFORMED",
        "v2.abc.1535671600, MALFORMED",
        "foo.bar, MALFORMED",
        "'', MALFORMED",
    })
    void shouldJudgeTheVectors(String token, Verdict verdict) {
        assertThat(tokens.verify(token)).isEqualTo(verdict);
    }

    @Test
    void shouldAcceptWhatItIssued() {
        assertThat(tokens.verify(tokens.issue())).isEqualTo(Verdict.OK);
        assertThat(at(NOW + 30).verify(tokens.issue())).isEqualTo(Verdict.OK);
        assertThat(at(NOW + 31).verify(tokens.issue())).isEqualTo(Verdict.TOO_OLD);
        assertThat(at(NOW - 31).verify(tokens.issue())).isEqualTo(Verdict.TOO_NEW);
    }

    @Test
    void shouldRefuseAnEmptySecret() {
        assertThatIllegalArgumentException().isThrownBy(() -> new HmacTokens(""));
    }
}
