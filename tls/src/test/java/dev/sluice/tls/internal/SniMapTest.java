package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SniMapTest {
    private final SniMap<String> names = SniMap.of(
            List.of("fallback"),
            Map.of(
                    "example.org", List.of("exact"),
                    "WWW.Example.Org.", List.of("www", "www-rsa"),
                    "*.example.org", List.of("wildcard"),
                    "bücher.example", List.of("international")));

    @ParameterizedTest
    @CsvSource({
        "example.org, exact",
        "EXAMPLE.ORG, exact",
        "example.org., exact",
        "www.example.org, www",
        "a.example.org, wildcard",
        "A.EXAMPLE.ORG., wildcard",
        "xn--bcher-kva.example, international",
        "a.b.example.org, fallback",
        ".example.org, fallback",
        "*.example.org, wildcard",
        "org, fallback",
        "'', fallback",
        "., fallback",
        "notexample.org, fallback",
    })
    void shouldFindTheExactNameThenTheWildcardThenTheFallback(String asked, String expected) {
        assertThat(names.find(Optional.of(asked))).first().isEqualTo(expected);
    }

    @Test
    void shouldFindTheFallbackWhenNoNameIsAsked() {
        assertThat(names.find(Optional.empty())).containsExactly("fallback");
    }

    @Test
    void shouldKeepTheOrderWhenANameHasSeveral() {
        assertThat(names.find(Optional.of("www.example.org"))).containsExactly("www", "www-rsa");
    }

    @Test
    void shouldKeepNamesWhenMapped() {
        SniMap<Integer> lengths = names.map(String::length);

        assertThat(lengths.find(Optional.of("www.example.org"))).containsExactly(3, 7);
        assertThat(lengths.find(Optional.empty())).containsExactly(8);
        assertThat(lengths.values()).startsWith(8).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.*.org", "a.*.org", "", "a b", "10.0.0.1", "a*.example.org"})
    void shouldRefuseWhenANameIsNone(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SniMap.of(List.of("fallback"), Map.of(name, List.of("value"))))
                .withMessageContaining("'" + name + "'");
    }

    @Test
    void shouldRefuseWhenANameStandsTwiceOrLeadsNowhere() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SniMap.of(List.of("fallback"), Map.of("a.org", List.of("one"), "A.ORG", List.of("two"))))
                .withMessageContaining("stands twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SniMap.of(List.of("fallback"), Map.of("a.org", List.of())))
                .withMessageContaining("'a.org' needs at least one identity");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SniMap.of(List.of(), Map.of()))
                .withMessageContaining("the fallback needs at least one identity");
    }
}
