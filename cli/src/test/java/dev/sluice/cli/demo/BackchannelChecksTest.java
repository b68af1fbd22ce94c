package dev.sluice.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cli.interop.CallServer;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.interop.CallBackRequest;
import dev.sluice.proto.interop.CallBackResponse;
import dev.sluice.proto.interop.CallServiceGrpc.CallServiceImplBase;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackchannelChecksTest {
    @TempDir
    Path directory;

    private List<Check> run(BindableService service, Protocol... others) throws Exception {
        DemoData data = DemoData.create(directory.resolve("data"), 1, new SplittableRandom(1));
        SluiceServer.Builder builder = SluiceServer.builder()
                .listen(Endpoint.memory(directory.toString()))
                .protocol(Grpc.serve(b -> b.addService(service)));
        List.of(others).forEach(builder::protocol);
        List<Check> checks = new ArrayList<>();
        try (SluiceServer server = builder.start();
                BackchannelChecks backchannel = new BackchannelChecks(
                        server.endpoints().get(0), server.group(), new Site(data, directory, directory))) {
            backchannel.run(checks::add);
        }
        return checks;
    }

    @Test
    void shouldFindAllRightWhenTheServerAsksWhoCalled() throws Exception {
        assertThat(run(new CallServer(), Backchannel.serve(new PeerRegistry())))
                .allMatch(Check::ok)
                .extracting(Check::name)
                .containsExactly("backchannel", "backchannel-refusal");
    }

    @Test
    void shouldFailWhenTheServerTakesNoSessions() throws Exception {
        assertThat(run(new CallServer())).extracting(Check::ok).containsExactly(false, true);
    }

    @Test
    void shouldFailWhenTheServerAnswersWithoutAsking() throws Exception {
        BindableService liar = new CallServiceImplBase() {
            @Override
            public void callBack(CallBackRequest request, StreamObserver<CallBackResponse> response) {
                response.onNext(CallBackResponse.newBuilder()
                        .setAnswer("client 0 votes on " + request.getQuestion())
                        .build());
                response.onCompleted();
            }
        };

        assertThat(run(liar, Backchannel.serve(new PeerRegistry())))
                .extracting(check -> check.error().orElse(""))
                .containsExactly(
                        "expected the answer 'client 1 votes on question 0', got 'client 0 votes on question 0'",
                        "expected the answer 'non-multiplexed connection', got 'client 0 votes on question'");
    }
}
