package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** How backchannels end: in order, with the peer, with the server, or before they have begun. */
class BackchannelEndTest extends BackchannelFixture {
    private static final int HANG_MILLIS = 20_000;
    private static final String MAGIC = "backchannel";
    /** A window update that opens stream 1. */
    private static final String OPEN_1 = "000100010000000100000000";

    /** Notices within 100 ms that a peer is silent. */
    private static final YamuxConfig WATCHFUL = YamuxConfig.builder()
            .keepAliveInterval(Duration.ofMillis(50))
            .keepAliveTimeout(Duration.ofMillis(50))
            .build();

    private static Socket dial(Endpoint endpoint) throws IOException {
        Socket socket = new Socket(endpoint.host(), endpoint.port());
        socket.setSoTimeout(HANG_MILLIS);
        socket.getOutputStream().write(MAGIC.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void send(Socket socket, String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    /** Waits for the end, without a word before it. */
    private static boolean isCut(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return e.getMessage().contains("reset");
        }
    }

    private static void assertUnavailable(ThrowingCallable call, String... descriptionParts) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(e.getStatus().getDescription()).contains(descriptionParts);
        });
    }

    private static CompletableFuture<Void> inBackground(Runnable task) {
        return CompletableFuture.runAsync(task, run -> {
            Thread thread = new Thread(run, "test");
            thread.setDaemon(true);
            thread.start();
        });
    }

    @Test
    void shouldBeAnotherPeerWithAFreshServerWhenItConnectsAgain() throws Exception {
        Endpoint endpoint = serve(Wire.TCP, BackchannelFixture::callBack);
        AtomicInteger servers = new AtomicInteger();
        ManagedChannel channel = channel(Backchannel.client(endpoint, () -> {
            String name = "server " + servers.incrementAndGet();
            return List.of(serve(b -> b.addService(service(request -> name))));
        }));
        assertThat(call(channel, "x")).isEqualTo("1:server 1");
        Peer first = peers.peer(1);
        Connection below = first.session().connection();
        below.loop().execute(() -> below.abort(new TransportException(Reason.RESET, "the test cuts it")));
        await().until(() -> peers.peers().isEmpty());
        await().ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .untilAsserted(() -> assertThat(call(channel, "x")).isEqualTo("2:server 2"));
        assertUnavailable(() -> call(first.channel(), "x"), "no backchannel for peer 1: the test cuts it");
    }

    @Test
    void shouldFailCallsToAClientThatIsSilent() throws Exception {
        Endpoint endpoint = serve(Wire.TCP, Backchannel.serve(peers, WATCHFUL, b -> {}), BackchannelFixture::callBack);
        try (Socket silent = dial(endpoint)) {
            send(silent, OPEN_1);
            AtomicBoolean alive = new AtomicBoolean(true);
            CompletableFuture<Void> answering = inBackground(() -> answerPings(silent, alive));
            await().until(() -> !peers.peers().isEmpty());
            Peer peer = peers.peer(1);
            alive.set(false);
            assertUnavailable(() -> call(peer.channel(), "x"), "keepAliveTimeout");
            await().until(() -> peers.peers().isEmpty());
            assertUnavailable(() -> call(peer.channel(), "x"), "no backchannel for peer 1", "keepAliveTimeout");
            answering.get(20, TimeUnit.SECONDS);
        }
    }

    /** Shows signs of life, and nothing else, for as long as it should. */
    private static void answerPings(Socket socket, AtomicBoolean alive) {
        try {
            while (alive.get()) {
                byte[] header = socket.getInputStream().readNBytes(12);
                if (header.length < 12) {
                    return;
                }
                if (header[1] == 2) {
                    header[3] = 2; // the ping's SYN becomes ACK
                    socket.getOutputStream().write(header);
                }
            }
        } catch (IOException e) {
            alive.set(false); // the server has ended it
        }
    }

    @Test
    void shouldFailCallsToAServerThatIsSilent() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ManagedChannel channel = channel(Backchannel.client(
                    Endpoint.tcp("127.0.0.1", listener.getLocalPort()),
                    WATCHFUL,
                    () -> List.of(serve(b -> b.addService(EchoService.definition())))));
            assertUnavailable(() -> call(channel, "x"), "keepAliveTimeout");
        }
    }

    @Test
    void shouldLetAMethodRunOnWhenItsPeerIsGone() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        CompletableFuture<Throwable> callBack = new CompletableFuture<>();
        CompletableFuture<Throwable> lookUp = new CompletableFuture<>();
        Endpoint endpoint = serve(Wire.TCP, request -> {
            Peer peer = Peer.current();
            running.countDown();
            awaitQuietly(left);
            callBack.complete(failureOf(() -> Context.ROOT.call(() -> call(peer.channel(), "x"))));
            lookUp.complete(failureOf(() -> peers.peer(peer.id())));
            return "nobody hears this";
        });
        ManagedChannel channel = channel(answering(endpoint, "client"));
        Future<byte[]> answer = ClientCalls.futureUnaryCall(channel.newCall(UNARY, CallOptions.DEFAULT), new byte[0]);
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
        channel.shutdownNow();
        await().until(() -> peers.peers().isEmpty());
        left.countDown();
        assertThat(callBack.get(20, TimeUnit.SECONDS)).hasMessageContaining("no backchannel for peer 1");
        assertThat(lookUp.get(20, TimeUnit.SECONDS)).hasMessage("no backchannel for peer 1");
        assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS)).hasMessageContaining("UNAVAILABLE");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Throwable failureOf(ThrowingCallable code) {
        try {
            code.call();
            return new AssertionError("no failure");
        } catch (Throwable t) {
            return t;
        }
    }

    @Test
    void shouldEndTheSessionOnceWhenItsFirstStreamIsClosedTwice() throws Exception {
        serve(Wire.TCP, BackchannelFixture::callBack);
        CompletableFuture<Connection> closed = new CompletableFuture<>();
        Connection stream = group.connect(
                        answering(server.endpoints().get(0), "client"), new Recorder(closed), Duration.ofSeconds(20))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        await().until(() -> peers.peers().size() == 1);
        Yamux session = Yamux.of(stream).orElseThrow();
        stream.loop().execute(() -> {
            stream.close();
            stream.close();
        });
        TransportException first = session.ended().toCompletableFuture().copy().get(20, TimeUnit.SECONDS);
        session.close();
        assertThat(first.reason()).isEqualTo(Reason.CLOSED);
        assertThat(session.ended().toCompletableFuture().copy().get(20, TimeUnit.SECONDS))
                .isSameAs(first);
        await().until(() -> peers.peers().isEmpty());
        assertThat(closed.get(20, TimeUnit.SECONDS)).isSameAs(stream);
    }

    @Test
    void shouldResetAStreamOfTheServerThatSaysNothingForTenSeconds() throws Exception {
        Endpoint endpoint = serve(Wire.TCP, BackchannelFixture::callBack);
        AtomicLong clock = new AtomicLong();
        CompletableFuture<Connection> reset = new CompletableFuture<>();
        try (EventLoopGroup clients = EventLoopGroup.builder()
                .loops(1)
                .idle(IdleStrategy.block())
                .nanoClock(clock::get)
                .build()) {
            clients.connect(
                    answering(endpoint, "client"), new Recorder(new CompletableFuture<>()), Duration.ofSeconds(20));
            await().until(() -> !peers.peers().isEmpty());
            Yamux session = peers.peer(1).session();
            session.openStream(new Recorder(reset));
            await().until(() -> {
                clock.addAndGet(Duration.ofSeconds(1).toNanos());
                clients.loops().get(0).execute(() -> {}); // wakes the loop, which then looks at the clock
                return reset.isDone();
            });
            assertThat(session.stats()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS)
                            .resetsIn())
                    .isEqualTo(1);
            assertThat(clock.get())
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(10).toNanos());
            assertThat(session.ended().toCompletableFuture()).isNotDone();
        }
    }

    private record Recorder(CompletableFuture<Connection> closed) implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            // Leaves it.
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            closed.complete(connection);
        }
    }

    @Test
    void shouldCloseAClientThatSpeaksGarbageAfterTheMagic() throws Exception {
        Endpoint endpoint = serve(Wire.TCP, BackchannelFixture::callBack);
        try (Socket garbage = dial(endpoint)) {
            send(garbage, "ffffffffffffffffffffffff");
            garbage.getInputStream().readAllBytes(); // a farewell, and the end
        }
        await().until(() -> server.stats().handshakeFailures() == 1);
        assertThat(peers.peers()).isEmpty();
        assertThat(call(channel(answering(endpoint, "client")), "x")).isEqualTo("1:client says x");
    }

    @Test
    void shouldCutAClientThatOpensNoStreamInTime() throws Exception {
        Protocol grpc = serve(b -> b.addService(EchoService.definition()));
        try (SluiceServer hasty = SluiceServer.builder()
                        .group(group)
                        .listen(listening(Wire.TCP))
                        .handshakeTimeout(Duration.ofMillis(100))
                        .protocol(grpc)
                        .protocol(Backchannel.serve(peers))
                        .start();
                Socket silent = dial(hasty.endpoints().get(0))) {
            assertThat(isCut(silent)).isTrue();
            await().until(() -> hasty.stats().handshakeTimeouts() == 1);
            assertThat(peers.peers()).isEmpty();
        }
    }

    @Test
    void shouldLetARunningMethodCallBackForTheFirstTimeWhenTheServerStops() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopping = new CountDownLatch(1);
        GrpcServer grpc = serve(b -> b.addService(service(request -> {
            running.countDown();
            awaitQuietly(stopping);
            return callBack(request);
        })));
        SluiceServer stopped = start(listening(Wire.TCP), grpc, Backchannel.serve(peers));
        ManagedChannel channel = channel(answering(reaching(Wire.TCP, stopped), "client"));
        var answer = ClientCalls.futureUnaryCall(
                channel.newCall(UNARY, CallOptions.DEFAULT), "x".getBytes(StandardCharsets.UTF_8));
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
        try (Socket silent = dial(stopped.endpoints().get(0))) {
            await().until(() -> stopped.stats().byProtocol().get(MAGIC) == 2);
            CompletableFuture<Void> stop = inBackground(() -> stopped.stop(Duration.ofMinutes(10)));
            await().until(grpc::isShutdown);
            stopping.countDown();
            assertThat(answer.get(20, TimeUnit.SECONDS))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("1:client says x");
            stop.get(20, TimeUnit.SECONDS);
            assertThat(isCut(silent)).as("who has opened no stream").isTrue();
        }
        assertThat(peers.peers()).isEmpty();
    }
}
