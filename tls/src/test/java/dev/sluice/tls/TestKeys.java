package dev.sluice.tls;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The files in {@code src/test/resources/keys}; {@code make.sh} there says what they are. */
final class TestKeys {
    private TestKeys() {}

    static Path file(String name) {
        try {
            return Path.of(TestKeys.class.getResource("/keys/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static char[] password() {
        return "secret".toCharArray();
    }
}
