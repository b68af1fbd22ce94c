package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that stand still. */
class IdleTimeoutTest extends RpcFixture {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Identity IDENTITY = Identity.selfSigned();
    private static final Tls CLIENT =
            Tls.clientBuilder().trust(Trust.of(IDENTITY.certificate())).build();

    private final CompletableFuture<TransportException> cut = new CompletableFuture<>();

    private interface StreamUse {
        void with(ByteStream stream) throws IOException;
    }

    /** A method that accepts, does that, and remembers what stopped it. */
    private ServerCalls.UnaryMethod<byte[], byte[]> method(StreamUse use) {
        return (request, done) -> {
            try {
                use.with(StreamRpc.accept());
                done.onNext(NOTHING);
                done.onCompleted();
            } catch (TransportException e) {
                cut.complete(e);
                done.onError(e);
            } catch (IOException e) {
                done.onError(e);
            }
        };
    }

    private static void echo(ByteStream stream) throws IOException {
        stream.transferTo(stream, Long.MAX_VALUE);
    }

    private ByteStream call(Endpoint endpoint) throws IOException {
        boolean tls = endpoint.scheme().equals("tls");
        return keep(client(tls ? endpoint.with(CLIENT) : endpoint).call(STREAM, NOTHING));
    }

    private static Endpoint endpoint(String scheme) {
        return switch (scheme) {
            case "tcp" -> Endpoint.tcp("127.0.0.1", 0);
            case "tls" -> Endpoint.tcp("127.0.0.1", 0).with(Tls.server(IDENTITY));
            default -> Endpoint.memory("idle-timeout-test");
        };
    }

    private static void roundTrip(ByteStream stream) throws IOException {
        stream.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    /** Lets time pass in steps, and all that is due at each of them happen. */
    private void passSlowly(Duration time) throws Exception {
        Duration step = LIMIT.dividedBy(4);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            pass(step);
            for (EventLoop loop : group.loops()) {
                CompletableFuture<Void> earlierAreDone = new CompletableFuture<>();
                loop.execute(() -> loop.schedule(Duration.ZERO, () -> earlierAreDone.complete(null)));
                earlierAreDone.get(20, TimeUnit.SECONDS);
            }
        }
    }

    private void assertCut() throws Exception {
        assertThat(cut.get(20, TimeUnit.SECONDS))
                .hasMessageContaining("no byte moved in either direction for 300000 ms")
                .hasMessageContaining("StreamRpcServer.Builder.idleTimeout")
                .extracting(TransportException::reason)
                .isEqualTo(Reason.TIMEOUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "memory", "tls"})
    void shouldCutAStreamWhenTheClientIsSilentForFiveMinutes(String scheme) throws Exception {
        SluiceServer server = serve(s -> s.addService(service(method(IdleTimeoutTest::echo))), endpoint(scheme));
        ByteStream stream = call(server.endpoints().get(0));
        roundTrip(stream);
        passSlowly(LIMIT.dividedBy(4)); // the byte is noticed
        passSlowly(LIMIT.multipliedBy(3).dividedBy(4));
        roundTrip(stream);
        // The byte was sent, but may not have been counted yet: so this waits for the cut, not for a time.
        while (!cut.isDone()) {
            passSlowly(LIMIT);
        }
        assertCut();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "memory", "tls"})
    void shouldCutAStreamWhenTheClientReadsNothing(String scheme) throws Exception {
        byte[] piece = new byte[64 << 10];
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {
                    while (true) {
                        stream.write(ByteBuffer.wrap(piece));
                    }
                }))),
                endpoint(scheme));
        ByteStream stream = call(server.endpoints().get(0));
        stream.read(ByteBuffer.allocate(1));
        // The method goes on to write until all buffers are full, which counts: so this waits for the cut, not for a
        // time.
        while (!cut.isDone()) {
            passSlowly(LIMIT);
        }
        assertCut();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "memory", "tls"})
    void shouldKeepAStreamWhenBytesMoveInOneDirectionOnly(String scheme) throws Exception {
        Semaphore taken = new Semaphore(0);
        SluiceServer server = serve(
                s -> s.addService(service(method(stream -> {
                    ByteBuffer bytes = ByteBuffer.allocate(1);
                    while (stream.read(bytes.clear()) > 0) {
                        taken.release();
                    }
                    stream.write(bytes);
                }))),
                endpoint(scheme));
        ByteStream stream = call(server.endpoints().get(0));
        for (int i = 0; i < 8; i++) {
            stream.write(ByteBuffer.wrap(new byte[] {42}));
            assertThat(taken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            passSlowly(LIMIT.dividedBy(4));
        }
        stream.shutdownOutput();
        assertThat(stream.read(ByteBuffer.allocate(10))).isPositive();
        assertThat(cut).isNotDone();
    }

    @Test
    void shouldCutAStreamThatWasGivenToAHandler() throws Exception {
        CompletableFuture<TransportException> closed = new CompletableFuture<>();
        ConnectionHandler handler = new ConnectionHandler() {
            @Override
            public void onReadable(Connection connection) throws IOException {
                connection.read(ByteBuffer.allocate(10));
            }

            @Override
            public void onClosed(Connection connection, TransportException cause) {
                closed.complete(cause);
            }
        };
        SluiceServer server = serve((request, done) -> StreamRpc.accept(handler));
        call(server.endpoints().get(0));
        passSlowly(LIMIT.multipliedBy(2));
        assertThat(closed.get(20, TimeUnit.SECONDS))
                .hasMessageContaining("idleTimeout")
                .extracting(TransportException::reason)
                .isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void shouldNeverCutAStreamWhenTheLimitIsZero() throws Exception {
        SluiceServer server = serve(
                s -> s.idleTimeout(Duration.ZERO).addService(service(method(IdleTimeoutTest::echo))), endpoint("tcp"));
        ByteStream stream = call(server.endpoints().get(0));
        roundTrip(stream);
        passSlowly(LIMIT.multipliedBy(4));
        roundTrip(stream);
        assertThat(cut).isNotDone();
    }

    @Test
    void shouldRefuseALimitBelowZero() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StreamRpcServer.builder().idleTimeout(Duration.ofNanos(-1)))
                .withMessageContaining("idleTimeout");
    }
}
