package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** The access log and the correlation id, in front of both kinds of calls. */
class AccessLogTest extends CallFixture {
    private static final Context.Key<String> USER = Context.key("user");
    private static final Metadata.Key<String> CORRELATION =
            Metadata.Key.of(CorrelationId.DEFAULT_METADATA_KEY, Metadata.ASCII_STRING_MARSHALLER);

    private final CapturingLogger log = new CapturingLogger();
    private final AtomicLong nanos = new AtomicLong();
    private final AccessLog accessLog = new AccessLog(log, nanos::get, Optional.of(USER));
    private final CorrelationId correlation = CorrelationId.create();

    /** Authentication of anybody, as a user. */
    private record Authentication(String user) implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return Contexts.interceptCall(Context.current().withValue(USER, user), call, headers, next);
        }
    }

    private static ClientInterceptor sending(String correlationId) {
        Metadata headers = new Metadata();
        headers.put(CORRELATION, correlationId);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    private Map<String, Object> onlyLine() {
        await().untilAsserted(() -> assertThat(log.events()).hasSize(1));
        assertThat(log.events().get(0).getLevel()).isEqualTo(Level.INFO);
        Map<String, Object> pairs = new LinkedHashMap<>();
        log.events().get(0).getKeyValuePairs().forEach(pair -> pairs.put(pair.key, pair.value));
        return pairs;
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteALineWhenACallEnds(Kind kind) throws Exception {
        Endpoint endpoint = serve(
                request -> nanos.addAndGet(TimeUnit.MICROSECONDS.toNanos(1500)),
                new Authentication("ada\nmallory"),
                correlation,
                accessLog);
        assertThat(call(kind, endpoint, sending("from-the-client")).isOk()).isTrue();
        Map<String, Object> line = onlyLine();
        assertThat(line.remove("peer").toString()).startsWith("tcp://127.0.0.1:");
        assertThat(line)
                .isEqualTo(Map.of(
                        "wire",
                        "tcp",
                        "method",
                        "gitaly.TestStreamService/TestStream",
                        "code",
                        "OK",
                        "millis",
                        1.5,
                        "received",
                        1L,
                        "sent",
                        1L,
                        "correlation",
                        "from-the-client",
                        "user",
                        "ada?mallory"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteWhoWasRefusedAndWhy(Kind kind) throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(new HmacTokens("open sesame"));
        Endpoint endpoint = serve(Wire.TLS, request -> {}, authentication, correlation, accessLog);
        call(kind, endpoint, sending("a-stranger"));
        assertThat(onlyLine())
                .containsEntry("wire", "tls")
                .containsEntry("code", "UNAUTHENTICATED")
                .containsEntry("correlation", "a-stranger")
                .doesNotContainKey("user");
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteTheCodeThatAMethodThrows(Kind kind) throws Exception {
        Endpoint endpoint = serve(
                request -> {
                    throw new StatusRuntimeException(Status.ABORTED);
                },
                accessLog,
                correlation);
        call(kind, endpoint);
        assertThat(onlyLine()).containsEntry("code", "ABORTED").containsEntry("sent", 0L);
        assertThat(onlyLine().get("correlation"))
                .as("though the log runs behind it")
                .isNotNull();
    }

    private Optional<String> idSeenByTheMethod(Kind kind, ClientInterceptor... interceptors) throws Exception {
        AtomicReference<Optional<String>> seen = new AtomicReference<>();
        Endpoint endpoint = serve(request -> seen.set(CorrelationId.current()), correlation);
        assertThat(call(kind, endpoint, interceptors).isOk()).isTrue();
        return seen.get();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeTheClientsCorrelationIdIntoTheContext(Kind kind) throws Exception {
        String longest = "!" + "~".repeat(CorrelationId.MAX_LENGTH - 1);
        assertThat(idSeenByTheMethod(kind, sending(longest))).contains(longest);
    }

    @ParameterizedTest
    @EnumSource
    void shouldMakeACorrelationIdWhenTheClientSendsNone(Kind kind) throws Exception {
        assertThat(idSeenByTheMethod(kind))
                .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{32}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with blank", "12345678901234567890123456789012345678901234567890123456789012345"})
    void shouldMakeACorrelationIdWhenTheClientsIsNone(String sent) throws Exception {
        assertThat(idSeenByTheMethod(Kind.GRPC, sending(sent)))
                .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{32}"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryTheCorrelationIdOnward(Kind kind) throws Exception {
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        Endpoint second = serve(request -> seen.complete(CorrelationId.current()), correlation);
        Context caller = Context.current().withValue(CorrelationId.CURRENT, "of-the-caller");
        caller.run(() -> call(kind, second, correlation.forClients()));
        assertThat(seen.get(10, TimeUnit.SECONDS)).contains("of-the-caller");
    }

    @Test
    void shouldSayTheCorrelationIdInResponseHeaders() throws Exception {
        Endpoint endpoint = serve(request -> {}, correlation);
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        call(
                Kind.GRPC,
                endpoint,
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers),
                sending("to-and-fro"));
        assertThat(headers.get().getAll(CORRELATION)).containsExactly("to-and-fro");
        assertThat(trailers.get().containsKey(CORRELATION)).isFalse();
    }

    @Test
    void shouldSayTheCorrelationIdWhenTheCallIsRefusedAtOnce() throws Exception {
        HmacAuthentication authentication = HmacAuthentication.enforcing(new HmacTokens("open sesame"));
        Endpoint endpoint = serve(request -> {}, authentication, correlation);
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        call(Kind.GRPC, endpoint, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers), sending("in-vain"));
        assertThat(trailers.get().get(CORRELATION)).isEqualTo("in-vain");
    }
}
