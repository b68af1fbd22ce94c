package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SidechannelTest extends SidechannelFixture {
    private static final Body ECHO = () -> {
        try (ByteStream stream = Sidechannel.open()) {
            stream.transferTo(stream, Long.MAX_VALUE);
        }
    };

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"TCP", "UNIX", "MEMORY", "TLS", "TLS_OVER_UNIX"})
    void shouldStreamBothWaysWithinACallOnEveryWire(Wire wire) throws Exception {
        Channel channel = channel(wire, ECHO);
        for (Client client : Client.values()) {
            for (int length : new int[] {0, 1, 65_516, 65_517, 200_000}) {
                shouldEcho(channel, client, random(length));
            }
        }
    }

    private void shouldEcho(Channel channel, Client client, byte[] bytes) throws Exception {
        CompletableFuture<byte[]> echoed = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            stream.outputStream().write(bytes);
            stream.shutdownOutput();
            echoed.complete(stream.inputStream().readAllBytes());
        })) {
            call(channel, client, waiter);
        }
        assertThat(echoed.get(10, TimeUnit.SECONDS)).isEqualTo(bytes);
    }

    @Test
    void shouldGiveEachCallItsOwnSidechannel() throws Exception {
        Channel channel = channel(Wire.MEMORY, ECHO);
        CountDownLatch all = new CountDownLatch(20);
        CompletableFuture<?>[] calls = new CompletableFuture<?>[20];
        for (int i = 0; i < calls.length; i++) {
            byte[] bytes = random(1000 + i);
            calls[i] = CompletableFuture.runAsync(
                    () -> {
                        all.countDown();
                        try {
                            all.await();
                            shouldEcho(channel, Client.OURS, bytes);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    task -> new Thread(task).start());
        }
        CompletableFuture.allOf(calls).get(30, TimeUnit.SECONDS);
        assertThat(sidechannels.waiting()).isZero();
    }

    @Test
    void shouldTellAWaiterThatTheServerDidWithout() throws Exception {
        CompletableFuture<Boolean> offered = new CompletableFuture<>();
        Channel channel = channel(Wire.MEMORY, () -> offered.complete(Sidechannel.isOffered()));
        SidechannelWaiter waiter = sidechannels.register(stream -> {});
        call(channel, Client.OURS, waiter);
        assertThat(offered).isCompletedWithValue(true);
        assertThat(sidechannels.waiting()).isOne();
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
        assertThat(sidechannels.waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldLittleForAReaderThatDoesNotRead(Client client) throws Exception {
        AtomicReference<Thread> writer = new AtomicReference<>();
        AtomicLong written = new AtomicLong();
        Channel channel = channel(Wire.MEMORY, () -> {
            writer.set(Thread.currentThread());
            try (ByteStream stream = Sidechannel.open()) {
                while (written.get() < 64 << 20) {
                    written.addAndGet(stream.write(ByteBuffer.allocate(64 << 10)));
                }
            }
        });
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            await().until(() -> written.get() > 0 && writer.get().getState() == Thread.State.WAITING);
            assertThat(written).hasValueLessThan(2 << 20);
            assertThat(group.buffers().outstandingBytes()).isLessThan(8 << 20);
            assertThat(stream.inputStream().readAllBytes()).hasSize(64 << 20);
        })) {
            call(channel, client, waiter);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldLittleForAServerThatDoesNotRead(Client client) throws Exception {
        AtomicReference<Thread> writer = new AtomicReference<>();
        AtomicLong written = new AtomicLong();
        CompletableFuture<Long> read = new CompletableFuture<>();
        Channel channel = channel(Wire.MEMORY, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                await().until(() -> written.get() > 0 && writer.get().getState() == Thread.State.WAITING);
                assertThat(written).hasValueLessThan(2 << 20);
                assertThat(group.buffers().outstandingBytes()).isLessThan(8 << 20);
                read.complete((long) stream.inputStream().readAllBytes().length);
            }
        });
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            writer.set(Thread.currentThread());
            while (written.get() < 64 << 20) {
                written.addAndGet(stream.write(ByteBuffer.allocate(64 << 10)));
            }
            stream.shutdownOutput();
            stream.inputStream().readAllBytes();
        })) {
            call(channel, client, waiter);
        }
        assertThat(read).isCompletedWithValue(64L << 20);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailTheServersReaderWhenTheCallbackDoesNotEndItsOutput(Client client) throws Exception {
        CompletableFuture<Reason> seen = new CompletableFuture<>();
        Channel channel = channel(Wire.MEMORY, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.inputStream().readAllBytes();
            } catch (TransportException e) {
                seen.complete(e.reason());
            }
        });
        try (SidechannelWaiter waiter =
                sidechannels.register(stream -> stream.outputStream().write(1))) {
            call(channel, client, waiter);
        }
        assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(client == Client.OLD ? Reason.TRUNCATED : Reason.RESET);
    }

    @Test
    void shouldPassTheServersErrorOn() throws Exception {
        Channel channel = channel(Wire.MEMORY, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.outputStream().write(1);
            }
            throw Status.DATA_LOSS.withDescription("half of it is gone").asException();
        });
        try (SidechannelWaiter waiter =
                sidechannels.register(stream -> stream.inputStream().readAllBytes())) {
            assertThatThrownBy(() -> call(channel, Client.OURS, waiter)).hasMessage("DATA_LOSS: half of it is gone");
        }
    }

    @Test
    void shouldCloseWhatAMethodLeavesOpen() throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Channel channel =
                channel(Wire.MEMORY, () -> Sidechannel.open().outputStream().write(new byte[] {1, 2, 3}));
        try (SidechannelWaiter waiter = sidechannels.register(
                stream -> read.complete(stream.inputStream().readAllBytes()))) {
            call(channel, Client.OURS, waiter);
        }
        assertThat(read).isCompletedWithValueMatching(bytes -> bytes.length == 3);
    }

    @Test
    void shouldCutTheStreamOfACallThatIsCancelled() throws Exception {
        CompletableFuture<Reason> server = new CompletableFuture<>();
        CountDownLatch open = new CountDownLatch(1);
        Channel channel = channel(Wire.MEMORY, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.inputStream().read();
            } catch (TransportException e) {
                server.complete(e.reason());
                throw e;
            }
        });
        SidechannelWaiter waiter = sidechannels.register(stream -> {
            open.countDown();
            stream.inputStream().read();
        });
        ClientCall<byte[], byte[]> call =
                ClientInterceptors.intercept(channel, waiter).newCall(UNARY, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.request(1);
        call.sendMessage(new byte[1]);
        call.halfClose();
        open.await();
        call.cancel("the user has left", null);
        assertThat(server.get(10, TimeUnit.SECONDS)).isEqualTo(Reason.CANCELLED);
        assertThatThrownBy(waiter::close).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldNotOpenWithoutACall() {
        assertThatThrownBy(Sidechannel::open)
                .isInstanceOf(TransportException.class)
                .hasMessage("sidechannel: failed to extract incoming metadata");
    }

    @Test
    void shouldNotOpenWhatIsNotOffered() throws Exception {
        Channel channel = channel(Wire.MEMORY, () -> {
            assertThat(Sidechannel.isOffered()).isFalse();
            Sidechannel.open();
        });
        assertThatThrownBy(() -> call(channel, Client.OURS))
                .hasMessage("FAILED_PRECONDITION: sidechannel: sidechannel-id not found in incoming metadata");
    }

    @Test
    void shouldNotOpenToAClientThatCannotBeCalledBack() throws Exception {
        SluiceServer server = server(Wire.MEMORY, b -> b.addService(service(Sidechannel::open)));
        Channel plain = channel(reaching(Wire.MEMORY, server));
        SidechannelWaiter waiter = sidechannels.register(stream -> {});
        assertThatThrownBy(() -> call(plain, Client.OURS, waiter))
                .hasMessage(
                        "FAILED_PRECONDITION: sidechannel: fail to extract yamux session: non-multiplexed connection");
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
    }

    @Test
    void shouldNotOpenWhatIsNoNumber() throws Exception {
        Channel channel = channel(Wire.MEMORY, Sidechannel::open);
        Metadata headers = new Metadata();
        headers.put(ID, "seven");
        assertThatThrownBy(() -> call(channel, Client.OURS, MetadataUtils.newAttachHeadersInterceptor(headers)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("sidechannel-id is no decimal number of 64 bits: seven");
    }

    @Test
    void shouldOpenOnlyOnce() throws Exception {
        Channel channel = channel(Wire.MEMORY, () -> {
            Sidechannel.open().close();
            Sidechannel.open();
        });
        try (SidechannelWaiter waiter =
                sidechannels.register(stream -> stream.inputStream().readAllBytes())) {
            assertThatThrownBy(() -> call(channel, Client.OURS, waiter))
                    .hasMessage("FAILED_PRECONDITION: sidechannel: receive confirmation: EOF");
        }
    }

    @Test
    void shouldOpenOnAnotherThreadThatHasTheContext() throws Exception {
        Channel channel = channel(Wire.MEMORY, () -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            Thread other = new Thread(Context.current().wrap(() -> {
                try {
                    ECHO.run();
                    done.complete(null);
                } catch (Exception e) {
                    done.completeExceptionally(e);
                }
            }));
            other.start();
            done.get(10, TimeUnit.SECONDS);
        });
        shouldEcho(channel, Client.OURS, random(10));
    }
}
