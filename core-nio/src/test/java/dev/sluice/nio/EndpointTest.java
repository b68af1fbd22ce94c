package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:8075, tcp, 127.0.0.1, 8075",
        "tcp://localhost:0, tcp, localhost, 0",
        "tcp://[::1]:65535, tcp, ::1, 65535",
        "tcp://[fe80::1%eth0]:80, tcp, fe80::1%eth0, 80",
        "tcp://:80, tcp, '', 80",
        "tcp://*:80, tcp, '', 80",
        "TCP://Host.Example:1, tcp, Host.Example, 1",
        "tls://host:443, tls, host, 443",
        "made-up-1.0://host:5, made-up-1.0, host, 5",
    })
    void shouldReadHostAndPort(String text, String scheme, String host, int port) {
        Endpoint endpoint = Endpoint.parse(text);
        assertThat(endpoint.scheme()).isEqualTo(scheme);
        assertThat(endpoint.host()).isEqualTo(host);
        assertThat(endpoint.port()).isEqualTo(port);
        assertThat(endpoint.name()).isEmpty();
        assertThat(endpoint.options()).isEmpty();
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint).hasSameHashCodeAs(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "unix:///run/app.sock, unix, /run/app.sock",
        "unix:/run/app.sock, unix, /run/app.sock",
        "unix:relative.sock, unix, relative.sock",
        "unix:./relative.sock, unix, ./relative.sock",
        "unix:///a%20b%3Fc%25d%23e, unix, /a b?c%d#e",
        "unix:///a+b c, unix, /a+b c",
        "unix-abstract:name, unix-abstract, name",
        "unix-abstract:with:colon/and/slash, unix-abstract, with:colon/and/slash",
        "memory:name, memory, name",
        "plugged:in, plugged, in",
    })
    void shouldReadPathOrName(String text, String scheme, String name) {
        Endpoint endpoint = Endpoint.parse(text);
        assertThat(endpoint.scheme()).isEqualTo(scheme);
        assertThat(endpoint.name()).isEqualTo(name);
        assertThat(endpoint.port()).isEqualTo(-1);
        assertThat(endpoint.host()).isEmpty();
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @Test
    void shouldReadOptionsInOrder() {
        Endpoint endpoint = Endpoint.parse("tcp://[::1]:8075?backlog=512&name=a%26b%3Dc+d&empty=");
        assertThat(endpoint.options().keySet()).containsExactly("backlog", "name", "empty");
        assertThat(endpoint.option("backlog")).contains("512");
        assertThat(endpoint.option("name")).contains("a&b=c+d");
        assertThat(endpoint.option("empty")).contains("");
        assertThat(endpoint.option("other")).isEmpty();
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @Test
    void shouldReadTheConnectTimeout() {
        Endpoint endpoint = Endpoint.parse("tcp://host:1?connecttimeout=1500&nodelay=false");
        assertThat(endpoint.connectTimeout()).contains(Duration.ofMillis(1500));
        assertThat(endpoint.withoutConnectTimeout()).isEqualTo(Endpoint.parse("tcp://host:1?nodelay=false"));
        assertThat(endpoint.withoutConnectTimeout().connectTimeout()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5", "5s", "9999999999999999999"})
    void shouldSayWhatAConnectTimeoutLooksLike(String text) {
        Endpoint endpoint = Endpoint.memory("name").withOption("connecttimeout", text);
        assertThatThrownBy(endpoint::connectTimeout)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        endpoint + ": the option 'connecttimeout' takes a number of milliseconds of at least 1, is '"
                                + text + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                       | it must begin with a scheme",
                "8075                   | it must begin with a scheme",
                ":8075                  | it must begin with a scheme",
                "1tcp://h:1             | it must begin with a scheme",
                "a b://h:1              | it must begin with a scheme",
                "tcp:                   | nothing follows the scheme",
                "unix:                  | nothing follows the scheme",
                "unix:?mode=600         | nothing follows the scheme",
                "tcp:name               | expected tcp://host:port",
                "tls:name               | expected tls://host:port",
                "tcp:///path            | expected tcp://host:port",
                "unix://relative        | expected unix:///absolute/path",
                "unix-abstract://name   | expected unix-abstract:name",
                "memory://name          | expected memory:name",
                "tcp://host             | the port is missing: expected tcp://host:port",
                "tcp://[::1]            | the port is missing",
                "tcp://[::1             | the port is missing",
                "tcp://[::1]80          | the port is missing",
                "tcp://::1:80           | an IPv6 address stands in brackets",
                "tcp://host/path:80     | no path follows",
                "tcp://host:            | the port must be a number from 0 to 65535, is ''",
                "tcp://host:http        | the port must be a number from 0 to 65535, is 'http'",
                "tcp://host:65536       | the port must be a number from 0 to 65535, is '65536'",
                "tcp://host:-1          | the port must be a number from 0 to 65535, is '-1'",
                "tcp://host:+80         | the port must be a number from 0 to 65535, is '+80'",
                "tcp://host:80/         | the port must be a number from 0 to 65535, is '80/'",
                "tcp://host:99999999999 | the port must be a number from 0 to 65535",
                "tcp://host:80?         | an option is written name=value, is ''",
                "tcp://host:80?x        | an option is written name=value, is 'x'",
                "tcp://host:80?=1       | an option is written name=value, is '=1'",
                "tcp://host:80?a=1&     | an option is written name=value, is ''",
                "tcp://host:80?a=1&a=2  | the option 'a' stands twice",
                "unix:///a%zz           | a percent sign is followed by two hexadecimal digits",
                "unix:///a%2            | a percent sign is followed by two hexadecimal digits",
                "tcp://host:80?a=%      | a percent sign is followed by two hexadecimal digits",
            })
    void shouldSayWhatIsWrongAndHowItShouldLook(String text, String why) {
        String asGiven = text == null ? "" : text;
        assertThatThrownBy(() -> Endpoint.parse(asGiven))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not an endpoint: '" + asGiven + "': ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65536})
    void shouldRefuseAPortOutOfRange(int port) {
        assertThatThrownBy(() -> Endpoint.tcp("host", port)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Endpoint.tcp("host", 1).withPort(port)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseAnEmptyName() {
        assertThatThrownBy(() -> Endpoint.unix(Path.of(""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Endpoint.unixAbstract("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Endpoint.memory("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldPrintWhatTheFactoriesMake() {
        assertThat(Endpoint.tcp("127.0.0.1", 80)).hasToString("tcp://127.0.0.1:80");
        assertThat(Endpoint.tcp("::1", 80)).hasToString("tcp://[::1]:80");
        assertThat(Endpoint.unix(Path.of("/run/a b?.sock"))).hasToString("unix:///run/a b%3F.sock");
        assertThat(Endpoint.unix(Path.of("x.sock"))).hasToString("unix:x.sock");
        assertThat(Endpoint.unixAbstract("x")).hasToString("unix-abstract:x");
        assertThat(Endpoint.memory("x")).hasToString("memory:x");
        assertThat(Endpoint.unix(Path.of("/s")).withOption("mode", "0660").withOption("a", "b c&"))
                .hasToString("unix:///s?mode=0660&a=b%20c%26");
    }

    @Test
    void shouldReplaceAnOptionAndAPortWithoutChangingTheOriginal() {
        Endpoint original = Endpoint.parse("tcp://h:0?backlog=1");
        assertThat(original.withPort(7).withOption("backlog", "2")).hasToString("tcp://h:7?backlog=2");
        assertThat(original).hasToString("tcp://h:0?backlog=1");
        assertThat(original).isNotEqualTo(original.withPort(7)).isNotEqualTo("tcp://h:0?backlog=1");
    }

    @Property
    void shouldPrintNamesSoThatTheyAreReadBack(@ForAll("names") String name, @ForAll("names") String value) {
        Endpoint endpoint = Endpoint.memory(name).withOption("option", value);
        Endpoint again = Endpoint.parse(endpoint.toString());
        assertThat(again.name()).isEqualTo(name);
        assertThat(again.option("option")).contains(value);
        assertThat(again).isEqualTo(endpoint);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings()
                .withChars("/?#%&=+:;@[] \\.~aZ0ä€\t")
                .ofMinLength(1)
                .ofMaxLength(12);
    }
}
