package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls from one end to the other: on every transport, with extensions and without, and within the process. */
class CallTest extends FramedFixture {
    /** More than a few frames, and no multiple of anything. */
    private static final int MUCH = (9 << 20) + 12_345;

    private final CompletableFuture<Path> received = new CompletableFuture<>();

    private Endpoints.Builder all() {
        return endpoints()
                .add("Fail", Pair.class, Pair.class, pair -> {
                    throw new IOException(pair.a());
                })
                .add("Get", Pair.class, Octets.class, pair -> Octets.of(random(pair.n())))
                .add(
                        "GetStream",
                        Pair.class,
                        Octets.class,
                        pair -> Octets.of(new ByteArrayInputStream(random(pair.n()))))
                .add("GetFile", Pair.class, Octets.class, pair -> {
                    Path file = Files.write(directory.resolve("served"), random(pair.n() + 100));
                    return Octets.of(FileChannel.open(file, StandardOpenOption.READ), 50, pair.n());
                })
                .add(
                        "Put",
                        Octets.class,
                        Integer.class,
                        octets -> octets.inputStream().readAllBytes().length)
                .add("PutFile", Octets.class, Long.class, octets -> {
                    Path file = directory.resolve("put");
                    try (FileChannel target =
                            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                        return octets.transferTo(target, 3);
                    } finally {
                        received.complete(file);
                    }
                })
                .add("Reverse", Octets.class, Octets.class, octets -> Octets.of(new Inverted(octets.inputStream())))
                .add("Ignore", Octets.class, String.class, octets -> "ignored");
    }

    /** Each byte the other way round, as it comes. */
    private static final class Inverted extends FilterInputStream {
        Inverted(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            for (int i = 0; i < n; i++) {
                bytes[offset + i] ^= (byte) 0xff;
            }
            return n;
        }
    }

    private FramedCaller caller(String wire, String mode) throws IOException {
        Endpoint endpoint = switch (wire) {
            case "tcp" -> Endpoint.tcp("127.0.0.1", 0);
            case "unix" -> Endpoint.unix(directory.resolve("socket"));
            case "memory" -> Endpoint.memory("framed-call-test");
            default -> null;
        };
        if (endpoint == null) {
            return keep(FramedRpc.local(all().build()));
        }
        SluiceServer server = serve(all(), endpoint, s -> s);
        return client(server.endpoints().get(0), mode.equals("plain"));
    }

    /** Every wire, in every mode. */
    @ParameterizedTest
    @CsvSource({
        "tcp, plain",
        "tcp, extended",
        "unix, plain",
        "unix, extended",
        "memory, plain",
        "memory, extended",
        "local, -"
    })
    void shouldAnswerWhenCalled(String wire, String mode) throws Exception {
        FramedCaller caller = caller(wire, mode);
        for (int i = 0; i < 100; i++) {
            assertThat(caller.call("Echo", new Pair("a" + i, i), Pair.class)).isEqualTo(new Pair("a" + i, i));
        }
        assertThat(caller.call("Echo", new Pair("x".repeat(1_000_000), 1), Pair.class)
                        .a())
                .hasSize(1_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, plain",
        "tcp, extended",
        "unix, plain",
        "unix, extended",
        "memory, plain",
        "memory, extended",
        "local, -"
    })
    void shouldMoveOctetsDownWhenTheyAreMany(String wire, String mode) throws Exception {
        FramedCaller caller = caller(wire, mode);
        for (String endpoint : List.of("Get", "GetStream", "GetFile")) {
            for (int length : new int[] {0, 1, 70_000, 4 << 20, MUCH}) {
                byte[] expected = random(endpoint.equals("GetFile") ? length + 100 : length);
                try (Octets octets = caller.call(endpoint, new Pair("", length), Octets.class)) {
                    byte[] bytes = octets.inputStream().readAllBytes();
                    int from = endpoint.equals("GetFile") ? 50 : 0;
                    assertThat(Arrays.equals(bytes, 0, bytes.length, expected, from, from + length))
                            .as("%s of %s bytes", endpoint, length)
                            .isTrue();
                }
            }
        }
        assertThat(caller.call("Echo", new Pair("a", 1), Pair.class)).isEqualTo(new Pair("a", 1));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, plain",
        "tcp, extended",
        "unix, plain",
        "unix, extended",
        "memory, plain",
        "memory, extended",
        "local, -"
    })
    void shouldMoveAFileIntoAFileWhenBothEndsHaveOne(String wire, String mode) throws Exception {
        FramedCaller caller = caller(wire, mode);
        byte[] content = random(MUCH);
        Path source = Files.write(directory.resolve("source"), content);

        long put = caller.call(
                "PutFile", Octets.of(FileChannel.open(source, StandardOpenOption.READ), 0, MUCH), Long.class);

        assertThat(put).isEqualTo(MUCH);
        byte[] there = Files.readAllBytes(received.get(20, TimeUnit.SECONDS));
        assertThat(Arrays.equals(there, 3, there.length, content, 0, MUCH)).isTrue();
        Path target = directory.resolve("target");
        try (Octets octets = caller.call("GetFile", new Pair("", MUCH), Octets.class);
                FileChannel file = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(octets.transferTo(file, 0)).isEqualTo(MUCH);
        }
        assertThat(Arrays.equals(Files.readAllBytes(target), 0, MUCH, random(MUCH + 100), 50, MUCH + 50))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, plain",
        "tcp, extended",
        "unix, plain",
        "unix, extended",
        "memory, plain",
        "memory, extended",
        "local, -"
    })
    void shouldMoveOctetsBothWaysAtOnceWhenTheHandlerAnswersAsItReads(String wire, String mode) throws Exception {
        FramedCaller caller = caller(wire, mode);
        byte[] bytes = random(MUCH);
        try (Octets octets = caller.call("Reverse", Octets.of(new ByteArrayInputStream(bytes)), Octets.class)) {
            byte[] inverted = octets.inputStream().readAllBytes();
            assertThat(inverted).hasSameSizeAs(bytes);
            assertThat(inverted[MUCH - 1]).isEqualTo((byte) ~bytes[MUCH - 1]);
        }
        assertThat(caller.call("Echo", new Pair("a", 1), Pair.class)).isEqualTo(new Pair("a", 1));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, plain",
        "tcp, extended",
        "unix, plain",
        "unix, extended",
        "memory, plain",
        "memory, extended",
        "local, -"
    })
    void shouldGetItsOwnAnswerWhenTheCallBeforeWentWrong(String wire, String mode) throws Exception {
        FramedCaller caller = caller(wire, mode);
        for (int i = 0; i < 3; i++) {
            Pair mine = new Pair("mine", i);
            assertFails(
                    () -> caller.call("Nothing", mine, Pair.class),
                    CallStatus.REQUEST_ERROR,
                    "unregistered endpoint Nothing");
            assertThat(caller.call("Echo", mine, Pair.class)).isEqualTo(mine);
            assertFails(
                    () -> caller.call("Echo", mine, Octets.class),
                    CallStatus.REQUEST_ERROR,
                    "wrong Accept for endpoint Echo" + " (has DataTypeMarshaledJSON, you provided DataTypeOctets)");
            assertFails(
                    () -> caller.call("Echo", Octets.of(random(MUCH)), Pair.class),
                    CallStatus.REQUEST_ERROR,
                    "wrong DataType for endpoint Echo (has DataTypeMarshaledJSON, you provided DataTypeOctets)");
            assertThat(caller.call("Echo", mine, Pair.class)).isEqualTo(mine);
            assertFails(() -> caller.call("Fail", mine, Pair.class), CallStatus.ERROR, "mine");
            assertThat(caller.call("Ignore", Octets.of(random(MUCH)), String.class))
                    .isEqualTo("ignored");
            assertThat(caller.call("Put", Octets.of(random(10)), Integer.class)).isEqualTo(10);
        }
    }

    private interface Call {
        Object make() throws IOException;
    }

    private static void assertFails(Call call, CallStatus status, String text) {
        assertThatThrownBy(call::make).isInstanceOfSatisfying(CallFailedException.class, e -> {
            assertThat(e.status()).isEqualTo(status);
            assertThat(e.text()).isEqualTo(text);
        });
    }

    @Test
    void shouldUseOneConnectionWhenCallsAreCleanAndOneAfterTheOther() throws Exception {
        SluiceServer server = serve(all());
        FramedClient client = client(server.endpoints().get(0), false);
        for (int i = 0; i < 10; i++) {
            client.call("Echo", new Pair("a", i), Pair.class);
            assertThatThrownBy(() -> client.call("Nothing", new Pair("a", 1), Pair.class))
                    .hasMessageContaining("Nothing");
            client.call("Put", Octets.of(random(1000)), Integer.class);
            try (Octets octets = client.call("Get", new Pair("", 10), Octets.class)) {
                octets.inputStream().readAllBytes();
            }
        }
        // The thread that sent octets may be the last to let go of the connection, while the next call dials.
        assertThat(server.stats().accepted()).isBetween(1L, 11L);
    }

    @Test
    void shouldUseAConnectionForEachWhenCallsRunAtTheSameTime() throws Exception {
        CyclicBarrier together = new CyclicBarrier(4);
        SluiceServer server = serve(endpoints().add("Meet", Pair.class, Pair.class, pair -> {
            together.await(20, TimeUnit.SECONDS);
            return pair;
        }));
        FramedClient client = client(server.endpoints().get(0), false);
        List<CompletableFuture<Pair>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Pair mine = new Pair("a", i);
            CompletableFuture<Pair> call = new CompletableFuture<>();
            calls.add(call);
            THREADS.execute(() -> {
                try {
                    call.complete(client.call("Meet", mine, Pair.class));
                } catch (IOException | RuntimeException e) {
                    call.completeExceptionally(e);
                }
            });
        }
        for (int i = 0; i < 4; i++) {
            assertThat(calls.get(i).get(20, TimeUnit.SECONDS).n()).isEqualTo(i);
        }
    }

    @Test
    void shouldNotBeUsedByAnotherWhenAHandlerKeepsItsOctets() throws Exception {
        CompletableFuture<Octets> kept = new CompletableFuture<>();
        SluiceServer server = serve(all().add("Keep", Octets.class, String.class, octets -> {
            kept.complete(octets);
            return "kept";
        }));
        FramedClient client = client(server.endpoints().get(0), false);
        client.call("Keep", Octets.of(random(10)), String.class);
        client.call("Echo", new Pair("a", 1), Pair.class);
        assertThatThrownBy(() -> kept.get(20, TimeUnit.SECONDS).inputStream().read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has ended");
    }

    @Test
    void shouldRefuseToBlockALoop() throws Exception {
        FramedCaller caller = caller("tcp", "extended");
        EventLoop loop = group.loops().get(0);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                caller.call("Echo", new Pair("a", 1), Pair.class);
            } catch (IOException | RuntimeException e) {
                thrown.complete(e);
            }
        });
        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldCountWhatItAnswered() throws Exception {
        FramedServer rpc = FramedServer.builder(all().build()).build();
        SluiceServer server = keep(SluiceServer.builder()
                .group(group)
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .protocol(rpc)
                .start());
        FramedClient client = client(server.endpoints().get(0), false);
        client.call("Echo", new Pair("a", 1), Pair.class);
        assertThatThrownBy(() -> client.call("Fail", new Pair("a", 1), Pair.class))
                .hasMessage("StatusError: a");
        assertThat(rpc.stats()).isEqualTo(new FramedServer.Stats(1, 1));
        client.hangUp();
    }
}
