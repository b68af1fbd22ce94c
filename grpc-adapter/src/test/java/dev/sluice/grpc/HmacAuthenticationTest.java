package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.sluice.grpc.HmacTokens.Verdict;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One interceptor in front of both kinds of calls. */
class HmacAuthenticationTest extends GrpcFixture {
    private final HmacTokens tokens = new HmacTokens("open sesame");
    private final AtomicInteger reached = new AtomicInteger();

    /** How a call is made. */
    enum Kind {
        GRPC,
        STREAM_RPC
    }

    private final class Archive extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        private final Kind kind;

        Archive(Kind kind) {
            this.kind = kind;
        }

        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            reached.incrementAndGet();
            try {
                if (kind == Kind.STREAM_RPC) {
                    StreamRpc.accept();
                }
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    private Endpoint serve(HmacAuthentication authentication) throws IOException {
        SluiceServer server = start(
                listening(Wire.TCP),
                Grpc.serve(b -> b.addService(new Archive(Kind.GRPC)).intercept(authentication)),
                StreamRpc.serve(s -> s.addService(new Archive(Kind.STREAM_RPC)).intercept(authentication)));
        return server.endpoints().get(0);
    }

    private Status call(Kind kind, Endpoint endpoint, List<String> authorizations) {
        Metadata headers = new Metadata();
        authorizations.forEach(value -> headers.put(HmacAuthentication.AUTHORIZATION, value));
        return call(kind, endpoint, new CallCredentials() {
            @Override
            public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
                applier.apply(headers);
            }
        });
    }

    private Status call(Kind kind, Endpoint endpoint, CallCredentials credentials) {
        CallOptions options = CallOptions.DEFAULT.withCallCredentials(credentials);
        TestStreamRequest request = TestStreamRequest.getDefaultInstance();
        try {
            if (kind == Kind.GRPC) {
                Channel channel = channel(endpoint);
                ClientCalls.blockingUnaryCall(channel, TestStreamServiceGrpc.getTestStreamMethod(), options, request);
            } else {
                try (StreamRpcClient client =
                        StreamRpcClient.builder(endpoint).group(group).build()) {
                    client.call(TestStreamServiceGrpc.getTestStreamMethod(), request, options)
                            .close();
                }
            }
            return Status.OK;
        } catch (Exception e) {
            return e instanceof StreamRpcException failure ? failure.status() : Status.fromThrowable(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetGoodTokensThrough(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(tokens);
        Endpoint endpoint = serve(authentication);
        assertThat(call(kind, endpoint, new HmacCredentials(tokens)).isOk()).isTrue();
        assertThat(call(kind, endpoint, List.of("bEARER " + tokens.issue())).isOk())
                .isTrue();
        assertThat(reached).hasValue(2);
        assertThat(authentication.count(Verdict.OK)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAskForATokenBeforeTheMethodRuns(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(tokens);
        Endpoint endpoint = serve(authentication);
        List<String> without = List.of("Basic " + tokens.issue(), tokens.issue(), "Bearer");
        for (String value : without) {
            Status status = call(kind, endpoint, List.of(value));
            assertThat(status.getCode()).as(value).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(status.getDescription()).endsWith("authentication required");
        }
        assertThat(call(kind, endpoint, List.of()).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(call(kind, endpoint, List.of("Bearer foo.bar")).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(authentication.absent()).isEqualTo(4);
        assertThat(authentication.count(Verdict.MALFORMED)).isEqualTo(1);
        assertThat(reached).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldDenyBadTokensAndLookAtTheFirstOnly(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(tokens);
        Endpoint endpoint = serve(authentication);
        String bad = "Bearer " + new HmacTokens("another").issue();
        Status status = call(kind, endpoint, List.of(bad, "Bearer " + tokens.issue()));
        assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(status.getDescription()).endsWith("permission denied");
        assertThat(authentication.count(Verdict.WRONG_SIGNATURE)).isEqualTo(1);
        assertThat(reached).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldOnlyCountWhileClientsAreMoved(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.counting(tokens);
        Endpoint endpoint = serve(authentication);
        assertThat(call(kind, endpoint, List.of()).isOk()).isTrue();
        assertThat(call(kind, endpoint, new HmacCredentials(tokens)).isOk()).isTrue();
        assertThat(authentication.absent()).isEqualTo(1);
        assertThat(authentication.count(Verdict.OK)).isEqualTo(1);
        assertThat(authentication.isEnforced()).isFalse();
    }
}
