package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Methods that throw, clients that vanish, servers that are not there. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class FailureTest extends GrpcFixture {
    private static final Endpoint LISTENING = Endpoint.tcp("127.0.0.1", 0);

    private ManagedChannel channelTo(ServerCalls.UnaryMethod<byte[], byte[]> method) throws Exception {
        ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(UNARY, ServerCalls.asyncUnaryCall(method))
                .build();
        SluiceServer server = start(LISTENING, serve(b -> b.addService(service)));
        return channel(server.endpoints().get(0));
    }

    private static Status failureOf(ManagedChannel channel) {
        try {
            ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, new byte[1]);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Test
    void shouldAnswerInternalWithoutDetailsWhenAMethodThrows() throws Exception {
        ManagedChannel channel = channelTo((request, responses) -> {
            throw new IllegalStateException("the secret is 42");
        });
        for (int i = 0; i < 3; i++) {
            Status status = failureOf(channel);
            assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(status.getDescription()).isEqualTo("the method failed");
        }
    }

    @Test
    void shouldAnswerTheStatusThatAMethodThrows() throws Exception {
        ManagedChannel channel = channelTo((request, responses) -> {
            throw Status.NOT_FOUND.withDescription("no such thing").asRuntimeException();
        });
        assertThat(failureOf(channel).getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void shouldKeepTheConnectionThroughFailuresOfMethods() throws Exception {
        CompletableFuture<Connection> first = new CompletableFuture<>();
        CompletableFuture<Connection> last = new CompletableFuture<>();
        SluiceServer server = start(
                LISTENING,
                serve(b -> b.addService(EchoService.definition()).intercept(new ServerInterceptor() {
                    @Override
                    public <Q, R> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                        Connection connection = call.getAttributes().get(Grpc.CONNECTION);
                        if (first.complete(connection)) {
                            throw new IllegalStateException("an interceptor failed");
                        }
                        last.complete(connection);
                        return next.startCall(call, headers);
                    }
                })));
        ManagedChannel channel = channel(server.endpoints().get(0));
        assertThat(failureOf(channel).isOk()).isFalse();
        assertThat(failureOf(channel).isOk()).isTrue();
        assertThat(last.get(10, TimeUnit.SECONDS)).isSameAs(first.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldCancelTheMethodWhenTheConnectionIsCut() throws Exception {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        ServerCallHandler<byte[], byte[]> cutter = (call, headers) -> {
            call.request(2);
            return new ServerCall.Listener<>() {
                @Override
                public void onHalfClose() {
                    Connection connection = call.getAttributes().get(Grpc.CONNECTION);
                    connection
                            .loop()
                            .execute(() -> connection.abort(new TransportException(Reason.CANCELLED, "cut by a test")));
                }

                @Override
                public void onCancel() {
                    cancelled.complete(null);
                }
            };
        };
        SluiceServer server = start(
                LISTENING,
                serve(b -> b.addService(ServerServiceDefinition.builder(SERVICE)
                        .addMethod(UNARY, cutter)
                        .build())));
        assertThat(failureOf(channel(server.endpoints().get(0))).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        cancelled.get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldSayWhyItCannotConnect() {
        Status status = failureOf(channel(Endpoint.unix(folder.resolve("nobody"))));
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getCause())
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.getMessage()).contains("nobody"));
    }
}
