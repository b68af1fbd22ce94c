package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackchannelTest extends BackchannelFixture {
    @ParameterizedTest
    @EnumSource
    void shouldCallBackWithinACall(Wire wire) throws Exception {
        ManagedChannel channel = channel(answering(serve(wire, BackchannelFixture::callBack), "client"));
        assertThat(call(channel, "hello")).isEqualTo("1:client says hello");
        assertThat(call(channel, "again")).as("over the same session").isEqualTo("1:client says again");
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeClientsWithoutSessionWhenOnTheSamePort(Wire wire) throws Exception {
        Endpoint endpoint = serve(wire, BackchannelFixture::callBack);
        assertThatThrownBy(() -> call(channel(endpoint), "hello"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("FAILED_PRECONDITION: non-multiplexed connection");
        assertThat(call(channel(answering(endpoint, "client")), "hello")).isEqualTo("1:client says hello");
    }

    @Test
    void shouldReachTheServerOfItsOwnClientWhenThereAreMany() throws Exception {
        AtomicInteger intercepted = new AtomicInteger();
        ClientInterceptor counting = new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                intercepted.incrementAndGet();
                return next.newCall(method, options);
            }
        };
        Endpoint endpoint = serve(
                Wire.TCP, Backchannel.serve(peers, YamuxConfig.defaults(), b -> b.intercept(counting)), request -> {
                    try {
                        return callBack(request);
                    } catch (NonMultiplexedException e) {
                        return e.getMessage();
                    }
                });
        ExecutorService callers = Executors.newCachedThreadPool();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int client = 0; client < 25; client++) {
            for (Channel channel : List.of(channel(answering(endpoint, "client " + client)), channel(endpoint))) {
                for (int call = 0; call < 2; call++) {
                    answers.add(CompletableFuture.supplyAsync(() -> call(channel, "x"), callers));
                }
            }
        }
        List<String> expected = new ArrayList<>();
        for (int client = 0; client < 25; client++) {
            expected.addAll(List.of("client " + client + " says x", "client " + client + " says x"));
            expected.addAll(List.of("non-multiplexed connection", "non-multiplexed connection"));
        }
        List<String> actual = new ArrayList<>();
        for (CompletableFuture<String> answer : answers) {
            actual.add(answer.get(30, TimeUnit.SECONDS).replaceFirst("^[0-9]+:", ""));
        }
        callers.shutdown();
        assertThat(actual).containsExactlyElementsOf(expected);
        assertThat(intercepted).as("calls back").hasValue(50);
        assertThat(peers.peers()).hasSize(25);
    }

    @Test
    void shouldForgetAPeerWhenItsSessionHasEnded() throws Exception {
        ManagedChannel channel = channel(answering(serve(Wire.TCP, BackchannelFixture::callBack), "client"));
        call(channel, "hello");
        Peer peer = peers.peer(1);
        channel.shutdown();
        await().until(() -> peers.peers().isEmpty());
        assertThatThrownBy(() -> peers.peer(1))
                .isInstanceOf(TransportException.class)
                .hasMessage("no backchannel for peer 1");
        assertThatThrownBy(() -> call(peer.channel(), "late"))
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                    assertThat(e.getStatus().getDescription()).startsWith("no backchannel for peer 1: ");
                });
    }

    @Test
    void shouldThrowWhenThereIsNoCall() {
        assertThatThrownBy(Peer::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no peer info in context");
    }
}
