package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static dev.sluice.tls.TestKeys.password;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No test here waits: {@link ManualScheduler} passes the time. */
class WatchedIdentitiesTest {
    private static final String EC = "CN=ec.example.org";
    private static final String RSA = "CN=rsa.example.org";

    @TempDir
    Path folder;

    private final ManualScheduler scheduler = new ManualScheduler();
    private final SteppedClock clock = new SteppedClock();
    private final List<String> failures = new ArrayList<>();
    private Path chain;
    private Path key;
    private WatchedIdentities watched;

    @BeforeEach
    void watch() throws IOException {
        chain = folder.resolve("server.crt");
        key = folder.resolve("server.key");
        install("ec.crt", "ec-pkcs8.key");
        watched = builder(IdentitySource.pem(chain, key)).start();
    }

    private WatchedIdentities.Builder builder(IdentitySource source) {
        return WatchedIdentities.builder(source)
                .scheduler(scheduler)
                .clock(clock)
                .onFailure(failure -> failures.add(failure.cause().getMessage()));
    }

    @AfterEach
    void stop() {
        watched.close();
        scheduler.shutdownNow();
    }

    private void install(String newChain, String newKey) throws IOException {
        Files.copy(file(newChain), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(file(newKey), key, StandardCopyOption.REPLACE_EXISTING);
    }

    private String shown() {
        return shown(Optional.empty());
    }

    private String shown(Optional<String> serverName) {
        return watched.choose(serverName)
                .certificate()
                .getSubjectX500Principal()
                .getName();
    }

    @Test
    void shouldLookEveryTenSecondsWhenNothingElseIsSet() {
        assertThat(scheduler.interval()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void shouldShowTheNewIdentityWhenTheFilesWereReplaced() throws IOException {
        assertThat(shown()).isEqualTo(EC);

        install("rsa.crt", "rsa-pkcs8.key");
        assertThat(shown()).isEqualTo(EC);
        scheduler.tick();

        assertThat(shown()).isEqualTo(RSA);
        assertThat(watched.keyManager().chooseEngineServerAlias("RSA", null, null))
                .isNotNull();
        assertThat(watched.reloads()).isEqualTo(1);
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldShowTheNewIdentityWhenToldToReload() throws IOException {
        install("rsa.crt", "rsa-pkcs8.key");

        assertThat(watched.reload()).isEmpty();

        assertThat(shown()).isEqualTo(RSA);
    }

    @Test
    void shouldKeepTheIdentityWhenTheFilesWereOnlyTouched() throws IOException {
        Identity before = watched.choose(Optional.empty());
        install("ec.crt", "ec-pkcs8.key");
        Files.setLastModifiedTime(chain, FileTime.from(Instant.EPOCH));

        scheduler.tick();

        assertThat(watched.choose(Optional.empty())).isSameAs(before);
        assertThat(watched.reloads()).isZero();
    }

    @Test
    void shouldSeeTheChangeWhenSizeAndTimeStayTheSame() throws IOException {
        byte[] padded = Arrays.copyOf(Files.readAllBytes(file("ec.crt")), 3000);
        Arrays.fill(padded, (int) Files.size(file("ec.crt")), padded.length, (byte) '\n');
        byte[] other = Arrays.copyOf(Files.readAllBytes(file("expired.crt")), 3000);
        Arrays.fill(other, (int) Files.size(file("expired.crt")), other.length, (byte) '\n');
        Files.write(chain, padded);
        FileTime time = Files.getLastModifiedTime(chain);
        watched.reload();

        Files.write(chain, other);
        Files.setLastModifiedTime(chain, time);
        scheduler.tick();

        assertThat(shown()).isEqualTo("CN=expired.example.org");
    }

    @Test
    void shouldSeeTheChangeWhenALinkToTheFolderTurnsAsInKubernetes() throws IOException {
        Path first = Files.createDirectory(folder.resolve("..2024"));
        Files.copy(file("ec.crt"), first.resolve("tls.crt"));
        Files.copy(file("ec-sec1.key"), first.resolve("tls.key"));
        Path second = Files.createDirectory(folder.resolve("..2025"));
        Files.copy(file("rsa.crt"), second.resolve("tls.crt"));
        Files.copy(file("rsa-pkcs1.key"), second.resolve("tls.key"));
        Path data = Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
        Path linkedChain = Files.createSymbolicLink(folder.resolve("tls.crt"), Path.of("..data/tls.crt"));
        Path linkedKey = Files.createSymbolicLink(folder.resolve("tls.key"), Path.of("..data/tls.key"));
        watched = builder(IdentitySource.pem(linkedChain, linkedKey)).start();
        assertThat(shown()).isEqualTo(EC);

        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), second.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        scheduler.tick();

        assertThat(shown()).isEqualTo(RSA);
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldKeepTheIdentityAndReportOnceWhenOnlyTheChainIsNewYet() throws IOException {
        Files.copy(file("rsa.crt"), chain, StandardCopyOption.REPLACE_EXISTING);
        try (LogRecorder log = new LogRecorder(WatchedIdentities.class)) {
            scheduler.tick();
            scheduler.tick();
            assertThat(log.warnings()).containsExactly(failures.get(0) + "; the identity from before stays in use");
        }

        assertThat(shown()).isEqualTo(EC);
        assertThat(failures).hasSize(1).first().asString().startsWith(key + ": the key (EC) does not belong");
        assertThat(watched.failures()).isEqualTo(1);
        assertThat(watched.currentFailures()).extracting(ReloadFailure::file).containsExactly(key);

        Files.copy(file("rsa-pkcs8.key"), key, StandardCopyOption.REPLACE_EXISTING);
        scheduler.tick();

        assertThat(shown()).isEqualTo(RSA);
        assertThat(watched.currentFailures()).isEmpty();
        assertThat(failures).hasSize(1);
    }

    @Test
    void shouldReportAgainWhenTheFilesAreWrongInAnotherWay() throws IOException {
        Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nMIIB");
        scheduler.tick();
        Files.delete(chain);
        scheduler.tick();
        scheduler.tick();
        Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nMIIB");
        assertThat(watched.reload())
                .extracting(ReloadFailure::toString)
                .containsExactly(failures.get(0) + " (since " + clock.instant() + ")");

        assertThat(failures)
                .containsExactly(
                        chain + ": has no END to the block CERTIFICATE: the file is truncated",
                        chain + ": no such file",
                        chain + ": has no END to the block CERTIFICATE: the file is truncated");
        assertThat(shown()).isEqualTo(EC);
    }

    @Test
    void shouldBeWellAgainWithoutAReloadWhenTheOldFilesComeBack() throws IOException {
        Identity before = watched.choose(Optional.empty());
        Files.delete(key);
        scheduler.tick();
        Files.copy(file("ec-pkcs8.key"), key);
        scheduler.tick();

        assertThat(watched.currentFailures()).isEmpty();
        assertThat(watched.reloads()).isZero();
        assertThat(watched.choose(Optional.empty())).isSameAs(before);
    }

    @Test
    void shouldTellWhenAllWasWellLastAndSinceWhenItIsNot() throws IOException {
        Instant start = watched.lastSuccess();
        clock.step(Duration.ofSeconds(10));
        scheduler.tick();
        assertThat(watched.lastSuccess()).isEqualTo(start.plusSeconds(10));

        Files.delete(key);
        clock.step(Duration.ofSeconds(10));
        scheduler.tick();
        clock.step(Duration.ofSeconds(10));
        scheduler.tick();

        assertThat(watched.lastSuccess()).isEqualTo(start.plusSeconds(10));
        assertThat(watched.currentFailures()).extracting(ReloadFailure::since).containsExactly(start.plusSeconds(20));
    }

    @Test
    void shouldTellEachListenerAfterTheChangeWhenOneOfThemThrows() throws IOException {
        List<String> seen = new ArrayList<>();
        watched.onChange(() -> {
            throw new IllegalStateException("from a listener");
        });
        Runnable listener = () -> seen.add(shown());
        watched.onChange(listener);
        Identities.Subscription again = watched.onChange(listener);

        install("rsa.crt", "rsa-pkcs8.key");
        scheduler.tick();
        assertThat(seen).containsExactly(RSA, RSA);

        again.close();
        again.close();
        scheduler.tick();
        install("ec.crt", "ec-sec1.key");
        scheduler.tick();
        assertThat(seen).containsExactly(RSA, RSA, EC);
    }

    @Test
    void shouldReloadTheOthersWhenOneNamesFilesAreBroken() throws IOException {
        Path store = Files.copy(file("one.p12"), folder.resolve("server.p12"));
        watched = builder(IdentitySource.pem(chain, key))
                .alternative(IdentitySource.pem(file("rsa.crt"), file("rsa-pkcs8.key")))
                .name("leaf.example.org", IdentitySource.pkcs12(store, password()))
                .start();
        Optional<String> leaf = Optional.of("leaf.example.org");
        assertThat(shown(leaf)).isEqualTo("CN=leaf.example.org");

        Files.delete(chain);
        Files.copy(file("none.p12"), store, StandardCopyOption.REPLACE_EXISTING);
        scheduler.tick();
        assertThat(shown(leaf)).isEqualTo("CN=leaf.example.org");
        assertThat(watched.currentFailures()).extracting(ReloadFailure::file).containsExactly(chain, store);

        Files.copy(file("expired.crt"), chain);
        scheduler.tick();
        assertThat(shown()).isEqualTo("CN=expired.example.org");
        assertThat(watched.currentFailures()).extracting(ReloadFailure::file).containsExactly(store);
        assertThat(watched.keyManager().chooseEngineServerAlias("RSA", null, null))
                .isNotNull();
    }

    @Test
    void shouldGoOnWhenTheFailureListenerThrows() throws IOException {
        watched = builder(IdentitySource.pem(chain, key))
                .onFailure(failure -> {
                    throw new IllegalStateException("from the listener");
                })
                .start();
        Files.delete(chain);
        scheduler.tick();
        install("rsa.crt", "rsa-pkcs8.key");
        scheduler.tick();

        assertThat(shown()).isEqualTo(RSA);
    }

    @Test
    void shouldGoOnPollingWhenALookThrowsAnything() throws IOException {
        clock.breakDown(true);
        scheduler.tick();
        clock.breakDown(false);
        install("rsa.crt", "rsa-pkcs8.key");
        scheduler.tick();

        assertThat(shown()).isEqualTo(RSA);
    }

    @Test
    void shouldStopPollingButStayUsableWhenClosed() throws IOException {
        watched.close();
        watched.close();

        assertThat(scheduler.isIdle()).isTrue();
        assertThat(scheduler.isShutdown()).as("it is the caller's").isFalse();
        assertThat(shown()).isEqualTo(EC);
        install("rsa.crt", "rsa-pkcs8.key");
        assertThat(watched.reload()).isEmpty();
        assertThat(shown()).isEqualTo(RSA);
    }

    @Test
    void shouldNotPollWhenTheIntervalIsZero() throws IOException {
        ManualScheduler unused = new ManualScheduler();

        builder(IdentitySource.pem(chain, key))
                .scheduler(unused)
                .interval(Duration.ZERO)
                .start()
                .close();

        assertThat(unused.isIdle()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder(IdentitySource.pem(chain, key)).interval(Duration.ofSeconds(-1)))
                .withMessageContaining("PT-1S");
    }

    @Test
    void shouldFailAtOnceWhenTheFirstIdentityCannotBeLoaded() {
        IdentitySource missing = IdentitySource.pem(folder.resolve("missing.crt"), key);

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> WatchedIdentities.of(missing))
                .withMessageEndingWith("missing.crt: no such file");
    }

    @Test
    void shouldPollOnAThreadOfItsOwnWhenNoSchedulerIsGiven() throws IOException {
        WatchedIdentities own = WatchedIdentities.builder(IdentitySource.pem(chain, key))
                .interval(Duration.ofMillis(5))
                .start();
        install("rsa.crt", "rsa-pkcs8.key");

        await().until(() -> own.reloads() > 0);

        own.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("sluice-tls-reload")));
    }
}
