package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of gRPC's own channels, over connections of ours. */
class ChannelSettingsTest extends GrpcFixture {
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger failuresLeft = new AtomicInteger();

    /** Notes the connections of calls, and fails as many calls as the test wants. */
    private final class Watching implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            connections.add(call.getAttributes().get(Grpc.CONNECTION));
            if (failuresLeft.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                call.close(Status.UNAVAILABLE.withDescription("try again"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    private Endpoint serving(Wire wire) throws IOException {
        SluiceServer server = start(
                listening(wire),
                Grpc.serve(b -> b.addService(EchoService.definition()).intercept(new Watching())));
        return reaching(wire, server);
    }

    private static byte[] call(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, new byte[] {7});
    }

    /** Begins as a server does and then says nothing, as a peer whose machine has lost power. */
    private static final class Vanished implements ConnectionHandler {
        private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

        private final ByteBuffer ignored = ByteBuffer.allocate(4096);

        @Override
        public void onAttached(Connection connection) throws IOException {
            connection.write(ByteBuffer.wrap(EMPTY_SETTINGS));
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (connection.read(ignored.clear()) < 0) {
                connection.close();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The test looks at the client.
        }
    }

    /** Takes the 10 s that are the least keep-alive time of a channel. */
    @Test
    void shouldFailCallsByKeepAliveWhenThePeerHasVanished() throws Exception {
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), connection -> new Vanished())) {
            ManagedChannel channel = channel(
                    listener.endpoint(),
                    b -> b.keepAliveTime(1, TimeUnit.SECONDS).keepAliveTimeout(50, TimeUnit.MILLISECONDS));
            Status status = catchThrowableOfType(StatusRuntimeException.class, () -> call(channel))
                    .getStatus();
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).contains("Keepalive failed");
        }
    }

    /** Takes the 5 s for which a channel keeps what it no longer needs. */
    @ParameterizedTest
    @EnumSource(names = {"TCP", "TLS_OVER_UNIX"})
    void shouldCloseTheConnectionWhenIdleAndReconnectForTheNextCall(Wire wire) throws Exception {
        ManagedChannel channel = channel(serving(wire), b -> b.idleTimeout(1, TimeUnit.SECONDS)); // no less is possible
        call(channel);
        Connection first = connections.iterator().next();
        await().until(() -> first.state() == ConnectionState.CLOSED);
        assertThat(channel.getState(false)).isEqualTo(ConnectivityState.IDLE);

        assertThat(call(channel)).containsExactly(7);
        assertThat(connections).hasSize(2);
    }

    @Test
    void shouldRetryAsTheServiceConfigSays() throws Exception {
        Map<String, ?> policy = Map.of(
                "maxAttempts",
                3.0,
                "initialBackoff",
                "0.001s",
                "maxBackoff",
                "0.001s",
                "backoffMultiplier",
                1.0,
                "retryableStatusCodes",
                List.of("UNAVAILABLE"));
        Map<String, ?> config = Map.of(
                "methodConfig", List.of(Map.of("name", List.of(Map.of("service", SERVICE)), "retryPolicy", policy)));
        ManagedChannel channel = channel(serving(Wire.TCP), b -> b.enableRetry().defaultServiceConfig(config));

        failuresLeft.set(2);
        assertThat(call(channel)).containsExactly(7);

        failuresLeft.set(3);
        Status status = catchThrowableOfType(StatusRuntimeException.class, () -> call(channel))
                .getStatus();
        assertThat(status.getDescription()).isEqualTo("try again");
        assertThat(failuresLeft).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pick_first", "round_robin"})
    void shouldReachTheEndpointWhateverTheLoadBalancingPolicy(String policy) throws Exception {
        Endpoint endpoint = serving(Wire.UNIX);
        Map<String, ?> config = Map.of("loadBalancingConfig", List.of(Map.of(policy, Map.of())));
        for (ManagedChannel channel : List.of(
                channel(endpoint, b -> b.defaultServiceConfig(config)),
                channel(endpoint, b -> b.defaultLoadBalancingPolicy(policy)))) {
            for (int i = 0; i < 3; i++) {
                assertThat(call(channel)).containsExactly(7);
            }
        }
        assertThat(connections).as("one for each channel").hasSize(2);
    }

    @Test
    void shouldTryAgainWhenAServerComesUp() throws Exception {
        Endpoint endpoint = Endpoint.memory("comes-up-late");
        ManagedChannel channel = channel(endpoint);
        Status status = catchThrowableOfType(StatusRuntimeException.class, () -> call(channel))
                .getStatus();
        assertThat(status.getDescription()).startsWith("connect to " + endpoint);

        start(endpoint, Grpc.serve(b -> b.addService(EchoService.definition()).intercept(new Watching())));
        channel.resetConnectBackoff();
        byte[] answer = ClientCalls.blockingUnaryCall(
                channel,
                UNARY,
                CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(20, TimeUnit.SECONDS),
                new byte[1]);
        assertThat(answer).hasSize(1);
    }
}
