package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A client, a proxy that passes its calls on with their metadata, and a server. */
class SidechannelProxyTest extends SidechannelFixture {
    private static final Context.Key<Metadata> HEADERS = Context.key("headers");

    private final SidechannelRegistry ofProxy = new SidechannelRegistry();

    /** How the proxy calls the server. */
    enum Style {
        UNARY_CALL,
        STREAMING_CALL
    }

    /** Lets the method see the metadata. */
    private static final class Capturing implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Metadata kept = new Metadata();
            kept.merge(headers, Set.of(ID, UNFRAMED));
            return Contexts.interceptCall(Context.current().withValue(HEADERS, kept), call, headers, next);
        }
    }

    private Channel proxied(Style style, Body body) throws IOException {
        SluiceServer server = server(Wire.TCP, b -> b.addService(service(body)).intercept(new Capturing()));
        Channel upstream = channel(multiplexed(reaching(Wire.TCP, server), ofProxy));
        SluiceServer proxy = server(
                Wire.MEMORY,
                b -> b.addService(service(() -> forward(style, upstream))).intercept(new Capturing()));
        return channel(multiplexed(reaching(Wire.MEMORY, proxy), sidechannels));
    }

    private void forward(Style style, Channel upstream) {
        Channel channel = ClientInterceptors.intercept(
                upstream, new SidechannelProxy(ofProxy), MetadataUtils.newAttachHeadersInterceptor(HEADERS.get()));
        if (style == Style.UNARY_CALL) {
            ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, new byte[1]);
        } else {
            ClientCalls.blockingServerStreamingCall(channel, DOWN, CallOptions.DEFAULT, new byte[1])
                    .forEachRemaining(answer -> {});
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private AbstractThrowableAssert<?, ?> assertCallFails(Channel channel, Status.Code code, SidechannelWaiter waiter) {
        return assertThatThrownBy(() -> call(channel, Client.OURS, waiter))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    @ParameterizedTest
    @CsvSource({"UNARY_CALL, OURS", "UNARY_CALL, OLD", "STREAMING_CALL, OURS", "STREAMING_CALL, OLD"})
    void shouldPassBytesOnBothWays(Style style, Client client) throws Exception {
        CompletableFuture<Iterable<String>> idsAtServer = new CompletableFuture<>();
        Channel channel = proxied(style, () -> {
            idsAtServer.complete(HEADERS.get().getAll(ID));
            try (ByteStream stream = Sidechannel.open()) {
                stream.transferTo(stream, Long.MAX_VALUE);
            }
        });
        sidechannels.register(stream -> {}); // so that the numbers differ
        byte[] sent = new byte[300_000];
        CompletableFuture<byte[]> echoed = new CompletableFuture<>();
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            stream.outputStream().write(sent);
            stream.shutdownOutput();
            echoed.complete(stream.inputStream().readAllBytes());
        })) {
            call(channel, client, waiter);
        }
        assertThat(echoed.get(10, TimeUnit.SECONDS)).isEqualTo(sent);
        assertThat(idsAtServer.get()).containsExactly("1", "0");
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWhenTheServerAnswersWithoutReadingEverything(Style style) throws Exception {
        Channel channel = proxied(style, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.outputStream().write(ascii("no, thanks"));
            }
        });
        CompletableFuture<String> answer = new CompletableFuture<>();
        CountDownLatch callOver = new CountDownLatch(1);
        SidechannelWaiter waiter = sidechannels.register(stream -> {
            stream.outputStream().write(1);
            answer.complete(new String(stream.inputStream().readAllBytes(), StandardCharsets.US_ASCII));
            callOver.await(); // which does not wait for the end of this direction
        });
        call(channel, Client.OURS, waiter);
        callOver.countDown();
        waiter.close();
        assertThat(answer).isCompletedWithValue("no, thanks");
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeFineWithAServerThatDoesWithout(Style style) throws Exception {
        Channel channel = proxied(style, () -> {});
        SidechannelWaiter waiter = sidechannels.register(stream -> {});
        call(channel, Client.OURS, waiter);
        assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
        assertThat(ofProxy.waiting()).isZero();
    }

    @Test
    void shouldOfferNothingForACallThatOffersNothing() throws Exception {
        CompletableFuture<Boolean> offered = new CompletableFuture<>();
        Channel channel =
                proxied(Style.UNARY_CALL, () -> offered.complete(HEADERS.get().containsKey(ID)));
        call(channel, Client.OURS);
        assertThat(offered).isCompletedWithValue(false);
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayUnavailableWhenTheClientsSidechannelCannotBeOpened(Style style) throws Exception {
        Channel channel = proxied(style, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.inputStream().readAllBytes();
            } catch (TransportException e) {
                assertThat(e.reason()).isEqualTo(Reason.RESET); // what becomes of it is the proxy's to say
            }
        });
        SidechannelWaiter gone = sidechannels.register(stream -> {});
        assertThatThrownBy(gone::close).isInstanceOf(UnusedSidechannelException.class);
        assertCallFails(channel, Status.Code.UNAVAILABLE, gone)
                .hasMessage("UNAVAILABLE: sidechannel: proxy callback: sidechannel: receive confirmation: EOF");
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhatFailedWhenTheClientFails(Style style) throws Exception {
        Channel channel = proxied(style, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.outputStream().write(1);
                stream.inputStream().readAllBytes();
            } catch (TransportException e) {
                assertThat(e.reason()).isEqualTo(Reason.RESET);
            }
        });
        SidechannelWaiter waiter = sidechannels.register(stream -> {
            stream.inputStream().read();
            throw new IOException("the client's disk");
        });
        assertCallFails(channel, Status.Code.UNKNOWN, waiter)
                .hasMessageStartingWith("UNKNOWN: sidechannel: proxy callback: copy to upstream: ");
        assertThatThrownBy(waiter::close).hasMessageContaining("the client's disk");
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhatFailedWhenTheServersStreamFails(Style style) throws Exception {
        Channel channel = proxied(style, () -> Sidechannel.open().abort());
        SidechannelWaiter waiter =
                sidechannels.register(stream -> stream.inputStream().readAllBytes());
        assertCallFails(channel, Status.Code.UNKNOWN, waiter)
                .hasMessageStartingWith("UNKNOWN: sidechannel: proxy callback: copy to downstream: ");
        assertThatThrownBy(waiter::close).isInstanceOf(TransportException.class);
    }

    @ParameterizedTest
    @EnumSource
    void shouldPassTheServersErrorOnAndEndTheClientsStream(Style style) throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        Channel channel = proxied(style, () -> {
            Sidechannel.open();
            open.await();
            throw Status.DATA_LOSS.withDescription("half of it is gone").asException();
        });
        CountDownLatch ended = new CountDownLatch(1);
        SidechannelWaiter waiter = sidechannels.register(stream -> {
            open.countDown();
            try {
                stream.inputStream().readAllBytes();
            } finally {
                ended.countDown();
            }
        });
        assertCallFails(channel, Status.Code.DATA_LOSS, waiter).hasMessage("DATA_LOSS: half of it is gone");
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldCutBothWhenTheClientCancels() throws Exception {
        CompletableFuture<Reason> atServer = new CompletableFuture<>();
        Channel channel = proxied(Style.UNARY_CALL, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                stream.inputStream().read();
            } catch (TransportException e) {
                atServer.complete(e.reason());
            }
        });
        CountDownLatch open = new CountDownLatch(1);
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
        assertThat(atServer.get(10, TimeUnit.SECONDS)).isIn(Reason.CANCELLED, Reason.RESET);
        assertThatThrownBy(waiter::close).isInstanceOf(TransportException.class);
    }
}
