package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.grpc.UnusedSidechannelException;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client, against servers that are scripts. */
class RegistryTest extends SessionFixture {
    private static final String MAGIC = "736964656368616e6e656c";
    private static final String FIRST = MAGIC + "0000000000000000";
    private static final String FIRST_UNFRAMED = MAGIC + "ffffffffffffffff";

    private final SidechannelRegistry registry = new SidechannelRegistry(threads);

    private ByteStream opened(String hex) throws Exception {
        ByteStream server = open(server(registry));
        writeHex(server, hex);
        return server;
    }

    /** As {@link #opened}, until it was taken: who closes the waiter before that withdraws it. */
    private ByteStream taken(String hex) throws Exception {
        ByteStream server = opened(hex);
        await().until(() -> registry.waiting() == 0);
        return server;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void exchange(ByteStream stream, CompletableFuture<String> answer) throws IOException {
        stream.outputStream().write(ascii("hello"));
        stream.shutdownOutput();
        stream.shutdownOutput(); // once is enough
        answer.complete(new String(stream.inputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void shouldSpeakWithAServerThatKnowsPacketsOnly() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        SidechannelWaiter waiter = registry.register(stream -> exchange(stream, answer));
        ByteStream server = opened(FIRST);
        assertThat(readHex(server, 15)).isEqualTo("6f6b" + "3030303968656c6c6f30303030");
        server.outputStream().write(ascii("answer"));
        server.close();
        assertThat(result(answer)).isEqualTo("answer");
        waiter.close();
    }

    @Test
    void shouldSpeakWithAServerThatHalfClosesTheStreamItself() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        SidechannelWaiter waiter = registry.register(stream -> exchange(stream, answer));
        ByteStream server = opened(FIRST_UNFRAMED);
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("hchello");
        server.outputStream().write(ascii("answer"));
        server.close();
        assertThat(result(answer)).isEqualTo("answer");
        waiter.close();
    }

    @Test
    void shouldTakeAnOpeningThatComesOneByteAtATime() throws Exception {
        SidechannelWaiter waiter = registry.register(ByteStream::shutdownOutput);
        ByteStream server = open(server(registry));
        for (int i = 0; i < FIRST.length(); i += 2) {
            writeHex(server, FIRST.substring(i, i + 2));
            result(serverSession.get().ping().toCompletableFuture()); // so that this byte came alone
        }
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("ok0000");
        waiter.close();
    }

    @Test
    void shouldCountFromZero() {
        assertThat(registry.register(stream -> {}).id()).isZero();
        assertThat(registry.register(stream -> {}).id()).isEqualTo(1);
        assertThat(registry.waiting()).isEqualTo(2);
    }

    @Test
    void shouldCloseWithoutAnEndWhenTheCallbackDoesNotEndItsOutput() throws Exception {
        SidechannelWaiter waiter =
                registry.register(stream -> stream.outputStream().write(ascii("hello")));
        ByteStream server = opened(FIRST);
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("ok0009hello");
        waiter.close();
    }

    @Test
    void shouldCutTheStreamWithoutPacketsWhenTheCallbackDoesNotEndItsOutput() throws Exception {
        SidechannelWaiter waiter =
                registry.register(stream -> stream.outputStream().write(ascii("hello")));
        ByteStream server = opened(FIRST_UNFRAMED);
        assertThatThrownBy(() -> server.inputStream().readAllBytes())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
        waiter.close();
    }

    @Test
    void shouldRefuseToWriteBehindTheEnd() throws Exception {
        SidechannelWaiter waiter = registry.register(stream -> {
            stream.shutdownOutput();
            stream.outputStream().write(1);
        });
        ByteStream server = taken(FIRST);
        assertThatThrownBy(waiter::close)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sidechannel: write into a half-closed connection");
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {FIRST, FIRST_UNFRAMED})
    void shouldCutTheStreamAndTellTheWaiterWhenTheCallbackThrows(String opening) throws Exception {
        IOException disk = new IOException("disk full");
        SidechannelWaiter waiter = registry.register(stream -> {
            stream.outputStream().write(ascii("hello"));
            stream.shutdownOutput();
            throw disk;
        });
        ByteStream server = taken(opening);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(waiter::close)
                    .hasMessage("sidechannel 0: the callback failed: disk full")
                    .hasCause(disk);
        }
        assertThatThrownBy(() -> server.outputStream().write(new byte[1 << 20])).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldTellTheWaiterOfErrors() throws Exception {
        SidechannelWaiter waiter = registry.register(stream -> {
            throw new AssertionError("no");
        });
        ByteStream server = taken(FIRST);
        assertThatThrownBy(waiter::close).cause().isInstanceOf(AssertionError.class);
        server.close();
    }

    @Test
    void shouldSayThatNoServerCame() {
        SidechannelWaiter waiter = registry.register(stream -> {});
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(waiter::close)
                    .isInstanceOf(UnusedSidechannelException.class)
                    .hasMessage("sidechannel: callback de-registered without having run");
        }
        assertThat(registry.waiting()).isZero();
    }

    @Test
    @SuppressWarnings("try") // to close twice is what is tested
    void shouldBeClosableTwiceInOneStatement() {
        assertThatThrownBy(() -> {
                    try (SidechannelWaiter waiter = registry.register(stream -> {})) {
                        waiter.close();
                    }
                })
                .isInstanceOf(UnusedSidechannelException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MAGIC + "0000000000000001",
                MAGIC + "7fffffffffffffff",
                MAGIC + "8000000000000000",
                MAGIC + "fffffffffffffffe"
            })
    void shouldCloseTheStreamOfANumberThatNobodyRegistered(String opening) throws Exception {
        SidechannelWaiter waiter = registry.register(stream -> {});
        assertThat(opened(opening).inputStream().readAllBytes()).isEmpty();
        assertThat(registry.waiting()).isOne();
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
    }

    @Test
    void shouldServeEachNumberOnce() throws Exception {
        SidechannelWaiter waiter = registry.register(ByteStream::shutdownOutput);
        assertThat(opened(FIRST).inputStream().readAllBytes()).asString().isEqualTo("ok0000");
        ByteStream second = open(serverSession.get());
        writeHex(second, FIRST);
        assertThat(second.inputStream().readAllBytes()).isEmpty();
        waiter.close();
    }

    @Test
    void shouldServeNobodyAfterItWasClosed() throws Exception {
        SidechannelWaiter waiter = registry.register(stream -> {});
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
        assertThat(opened(FIRST).inputStream().readAllBytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {MAGIC, MAGIC + "00000000000000"})
    void shouldKeepWaitingWhenAServerVanishesBeforeTheNumber(String opening) throws Exception {
        SidechannelWaiter waiter = registry.register(ByteStream::shutdownOutput);
        ByteStream vanishing = opened(opening);
        vanishing.close();
        assertThat(vanishing.isOpen()).isFalse();
        ByteStream cut = open(serverSession.get());
        writeHex(cut, opening);
        cut.abort();
        ByteStream server = open(serverSession.get());
        writeHex(server, FIRST);
        assertThat(server.inputStream().readAllBytes()).asString().isEqualTo("ok0000");
        waiter.close();
    }

    @Test
    void shouldGiveEachServerItsOwnCallback() throws Exception {
        CountDownLatch bothRun = new CountDownLatch(2);
        List<SidechannelWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String name = "callback " + i;
            waiters.add(registry.register(stream -> {
                stream.outputStream().write(ascii(name));
                bothRun.countDown();
                bothRun.await();
                stream.shutdownOutput();
            }));
        }
        ByteStream second = opened(MAGIC + "0000000000000001");
        ByteStream first = open(serverSession.get());
        writeHex(first, FIRST);
        assertThat(first.inputStream().readAllBytes()).asString().isEqualTo("ok000ecallback 00000");
        assertThat(second.inputStream().readAllBytes()).asString().isEqualTo("ok000ecallback 10000");
        for (SidechannelWaiter waiter : waiters) {
            waiter.close();
        }
    }

    @Test
    void shouldRunTheCallbackInTheContextOfItsRegistration() throws Exception {
        Context.Key<String> key = Context.key("test");
        CompletableFuture<String> seen = new CompletableFuture<>();
        SidechannelWaiter waiter = Context.current()
                .withValue(key, "here")
                .call(() -> registry.register(stream -> {
                    seen.complete(key.get());
                    stream.shutdownOutput();
                }));
        opened(FIRST);
        assertThat(result(seen)).isEqualTo("here");
        waiter.close();
    }

    @Test
    void shouldCutTheStreamWhenWhoWaitsIsInterrupted() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        SidechannelWaiter waiter = registry.register(stream -> {
            running.countDown();
            stream.inputStream().readAllBytes();
        });
        ByteStream server = opened(FIRST);
        running.await();
        Future<Boolean> closing = begin(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(waiter::close).hasMessage("sidechannel 0: interrupted while waiting for the callback");
            return Thread.interrupted();
        });
        assertThat(result(closing)).isTrue();
        assertThat(readHex(server, 2)).isEqualTo("6f6b");
        assertThatThrownBy(() -> server.inputStream().read()).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldTellTheWaiterWhenTheSessionEnds() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        SidechannelWaiter waiter = registry.register(stream -> {
            running.countDown();
            stream.inputStream().readAllBytes();
        });
        opened(FIRST);
        running.await();
        serverSession
                .get()
                .connection()
                .loop()
                .execute(() -> serverSession
                        .join()
                        .connection()
                        .abort(new TransportException(Reason.CANCELLED, "the server dies")));
        assertThatThrownBy(waiter::close).cause().isInstanceOf(TransportException.class);
    }

    @Test
    void shouldTellTheWaiterWhenThereIsNoThread() throws Exception {
        Registrations registrations = new Registrations(task -> {
            throw new RejectedExecutionException("busy");
        });
        Registration registration = registrations.add(stream -> {});
        ByteStream server = openedWith(registrations);
        assertThatThrownBy(() -> result(registration.result()))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("busy");
        assertThatThrownBy(() -> server.inputStream().read()).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldCutTheStreamWhenNoThreadComesInTime() throws Exception {
        List<Runnable> forgotten = new ArrayList<>();
        Registrations registrations = new Registrations(forgotten::add, Duration.ofMillis(50));
        Registration registration = registrations.add(stream -> {});
        ByteStream server = openedWith(registrations);
        assertThatThrownBy(() -> result(registration.result()))
                .cause()
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
                .hasMessage("sidechannel 0: no thread for the callback within 50 ms");
        assertThatThrownBy(() -> server.inputStream().read()).isInstanceOf(TransportException.class);
        forgotten.forEach(Runnable::run); // too late, and harmless
    }

    private ByteStream openedWith(Registrations registrations) throws Exception {
        ByteStream server = open(server(new Protocol() {
            @Override
            public String name() {
                return registry.name();
            }

            @Override
            public Optional<Magic> magic() {
                return registry.magic();
            }

            @Override
            public ConnectionHandler accept(Connection connection, Handshake handshake) {
                return new Arrival(registrations, handshake);
            }
        }));
        writeHex(server, FIRST);
        return server;
    }
}
