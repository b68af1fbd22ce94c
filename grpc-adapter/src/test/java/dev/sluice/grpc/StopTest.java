package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stop lets the calls finish that run. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class StopTest extends GrpcFixture {
    @ParameterizedTest
    @EnumSource
    void shouldLetARunningCallFinish(Wire wire) throws Exception {
        CompletableFuture<StreamObserver<byte[]>> running = new CompletableFuture<>();
        ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((request, responses) -> running.complete(responses)))
                .build();
        GrpcServer grpc = serve(b -> b.addService(service));
        SluiceServer server = start(listening(wire), grpc);
        Channel channel = channel(reaching(wire, server));
        var answer = ClientCalls.futureUnaryCall(channel.newCall(UNARY, CallOptions.DEFAULT), new byte[] {1});
        StreamObserver<byte[]> responses = running.get(10, TimeUnit.SECONDS);

        CompletableFuture<Void> stopped =
                CompletableFuture.runAsync(() -> server.stop(Duration.ofSeconds(30)), task -> {
                    Thread thread = new Thread(task, "stopping");
                    thread.setDaemon(true);
                    thread.start();
                });
        await().until(grpc::isShutdown);
        assertThat(stopped).isNotDone();
        responses.onNext(new byte[] {2});
        responses.onCompleted();

        assertThat(answer.get(10, TimeUnit.SECONDS)).containsExactly(2);
        stopped.get(20, TimeUnit.SECONDS);
        assertThat(grpc.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldStopWithoutHavingBeenUsed() throws Exception {
        GrpcServer grpc = serve(b -> b.addService(EchoService.definition()));
        SluiceServer server = start(listening(Wire.TCP), grpc);
        server.stop(Duration.ofSeconds(10));
        assertThat(grpc.isShutdown()).isTrue();
    }
}
