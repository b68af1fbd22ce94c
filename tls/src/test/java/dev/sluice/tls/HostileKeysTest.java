package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static dev.sluice.tls.TestKeys.password;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever stands in a file, reading it works or fails with an exception that names the file. */
class HostileKeysTest {
    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("hostile-keys");
    }

    @AfterContainer
    static void deleteFolder() throws IOException {
        Files.deleteIfExists(folder.resolve("hostile"));
        Files.delete(folder);
    }

    @Property(tries = 1000)
    void shouldFailWithTheFilesNameWhenKeysAreMutated(@ForAll("keys") byte[] content) throws IOException {
        attempt(content, hostile -> Identity.pem(file("ec.crt"), hostile, password()));
    }

    @Property(tries = 1000)
    void shouldFailWithTheFilesNameWhenChainsAreMutated(@ForAll("chains") byte[] content) throws IOException {
        attempt(content, hostile -> Identity.pem(hostile, file("ec-pkcs8.key")));
    }

    @Property(tries = 300)
    void shouldFailWithTheFilesNameWhenTrustIsMutated(@ForAll("chains") byte[] content) throws IOException {
        attempt(content, Trust::pem);
    }

    @Property(tries = 300)
    void shouldFailWithTheFilesNameWhenStoresAreMutated(@ForAll("stores") byte[] content) throws IOException {
        attempt(content, hostile -> Identity.pkcs12(hostile, password()));
    }

    private interface Reading {
        Object read(Path file) throws IOException;
    }

    private static void attempt(byte[] content, Reading reading) throws IOException {
        Path hostile = Files.write(folder.resolve("hostile"), content);
        try {
            assertThat(reading.read(hostile)).isNotNull();
        } catch (KeyMaterialException e) {
            // With a sound key, a broken chain may still hold a certificate, but for another key.
            assertThat(e.getMessage()).startsWith(e.file() + ": ");
        }
    }

    @Provide
    Arbitrary<byte[]> keys() {
        List<byte[]> seeds = contents(
                "ec-pkcs8.key",
                "ec-sec1.key",
                "ec-encrypted.key",
                "ec-pbes1.key",
                "rsa-pkcs1.key",
                "rsapss-pkcs8.key",
                "ed25519-pkcs8.key");
        return Arbitraries.oneOf(mutations(seeds), insidePem(seeds));
    }

    @Provide
    Arbitrary<byte[]> chains() {
        List<byte[]> seeds = contents("chain.crt", "ec.crt", "ed25519.crt", "rsapss.crt", "chain-with-key.pem");
        return Arbitraries.oneOf(mutations(seeds), insidePem(seeds));
    }

    @Provide
    Arbitrary<byte[]> stores() {
        return mutations(contents("one.p12", "none.p12"));
    }

    private static List<byte[]> contents(String... names) {
        return Arrays.stream(names)
                .map(name -> {
                    try {
                        return Files.readAllBytes(file(name));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    /** Some bytes replaced, and perhaps the end cut off. */
    private static Arbitrary<byte[]> mutations(List<byte[]> seeds) {
        Arbitrary<List<Integer>> places =
                Arbitraries.integers().greaterOrEqual(0).list().ofMaxSize(8);
        Arbitrary<Byte> value = Arbitraries.bytes();
        Arbitrary<Boolean> cut = Arbitraries.of(false, false, false, true);
        return Combinators.combine(Arbitraries.of(seeds), places, value, cut).as(HostileKeysTest::mutated);
    }

    private static byte[] mutated(byte[] seed, List<Integer> places, byte value, boolean cut) {
        byte[] copy = seed.clone();
        for (int place : places) {
            copy[place % copy.length] = (byte) (value + place);
        }
        return cut && !places.isEmpty() ? Arrays.copyOf(copy, places.get(0) % copy.length) : copy;
    }

    /** The same within the Base64, so that what is behind the PEM is reached. */
    private static Arbitrary<byte[]> insidePem(List<byte[]> seeds) {
        List<String> texts = seeds.stream()
                .map(seed -> new String(seed, StandardCharsets.US_ASCII))
                .map(HostileKeysTest::lastBlock)
                .toList();
        return Arbitraries.of(texts).flatMap(text -> {
            String[] lines = text.split("\n", -1);
            String base64 = String.join("", Arrays.copyOfRange(lines, 1, lines.length - 1));
            return mutations(List.of(Base64.getDecoder().decode(base64)))
                    .map(der -> String.join(
                                    "\n", lines[0], Base64.getEncoder().encodeToString(der), lines[lines.length - 1])
                            .getBytes(StandardCharsets.US_ASCII));
        });
    }

    private static String lastBlock(String pem) {
        return pem.substring(pem.lastIndexOf("-----BEGIN")).strip();
    }
}
