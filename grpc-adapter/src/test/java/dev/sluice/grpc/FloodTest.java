package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hostile clients, frame by frame, beside one that behaves. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class FloodTest extends GrpcFixture {
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int CONTINUATION = 9;
    private static final int ENHANCE_YOUR_CALM = 11;
    /** HPACK's table: {@code :method POST}, {@code :scheme http}, {@code :path /}. */
    private static final byte[] REQUEST = {(byte) 0x83, (byte) 0x86, (byte) 0x84};

    private GrpcServer grpc;
    private SluiceServer server;
    private ManagedChannel wellBehaved;

    @BeforeEach
    void startServer() throws IOException {
        grpc = serve(b -> b.addService(EchoService.definition()));
        server = start(listening(Wire.TCP), grpc);
        wellBehaved = channel(server.endpoints().get(0));
        assertServesOthers();
    }

    private void assertServesOthers() {
        byte[] request = {1, 2, 3};
        assertThat(ClientCalls.blockingUnaryCall(wellBehaved, UNARY, CallOptions.DEFAULT, request))
                .isEqualTo(request);
    }

    /** What a hostile client does. */
    enum Flood {
        RAPID_RESET(Http2Breach.RESETS_RECEIVED) {
            @Override
            void attack(FrameClient to) throws IOException {
                for (int stream = 1; stream < 1000; stream += 2) {
                    to.frame(FrameClient.HEADERS, FrameClient.END_HEADERS, stream, REQUEST);
                    to.frame(RST_STREAM, 0, stream, new byte[4]);
                }
            }
        },
        SETTINGS_FLOOD(Http2Breach.SETTINGS) {
            @Override
            void attack(FrameClient to) throws IOException {
                for (int i = 0; i < 1000; i++) {
                    to.frame(FrameClient.SETTINGS, 0, 0, new byte[0]);
                }
            }
        },
        CONTINUATION_FLOOD(Http2Breach.CONTINUATIONS) {
            @Override
            void attack(FrameClient to) throws IOException {
                to.frame(FrameClient.HEADERS, 0, 1, REQUEST);
                for (int i = 0; i < 1000; i++) {
                    to.frame(CONTINUATION, 0, 1, new byte[0]);
                }
            }
        },
        HUGE_HEADERS(Http2Breach.HEADER_BYTES) {
            @Override
            void attack(FrameClient to) throws IOException {
                to.frame(FrameClient.HEADERS, 0, 1, new byte[16_384]);
                to.frame(CONTINUATION, FrameClient.END_HEADERS, 1, new byte[16_384]);
            }
        },
        PRIORITIES(Http2Breach.USELESS_FRAMES) {
            @Override
            void attack(FrameClient to) throws IOException {
                for (int i = 0; i < 2000; i++) {
                    to.frame(PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 1});
                }
            }
        },
        HUGE_FRAME(Http2Breach.FRAME_BYTES) {
            @Override
            void attack(FrameClient to) throws IOException {
                to.frame(0, 0, 1, new byte[16_385]);
            }
        };

        final Http2Breach breach;

        Flood(Http2Breach breach) {
            this.breach = breach;
        }

        abstract void attack(FrameClient to) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendAFlooderAwayAndServeOthers(Flood flood) throws Exception {
        try (FrameClient frames = new FrameClient(server)) {
            flood.attack(frames);
            assertThat(frames.goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        assertThat(grpc.breaches()).containsEntry(flood.breach, 1L);
        assertServesOthers();
    }

    /** What the latency is, beside the floods and without them, is printed: it is the machine's matter, too. */
    @Test
    void shouldServeAWellBehavedClientWhileOthersFlood() throws Exception {
        List<Long> undisturbed = callsDuring(() -> {
            for (int i = 0; i < 1000; i++) {
                assertServesOthers();
            }
        });
        List<Long> disturbed = callsDuring(() -> {
            for (int i = 0; i < 5; i++) {
                for (Flood flood : Flood.values()) {
                    try (FrameClient frames = new FrameClient(server)) {
                        flood.attack(frames);
                        assertThat(frames.goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM);
                    }
                }
            }
        });
        System.out.println("a call took " + percentiles(undisturbed) + " us, beside floods " + percentiles(disturbed));
        assertThat(disturbed).as("calls answered while others flooded").hasSizeGreaterThan(Flood.values().length);
    }

    private interface Attack {
        void run() throws IOException;
    }

    /** Returns how long each call took, in microseconds, that the well-behaved client made one after the other meanwhile; each must succeed. */
    private List<Long> callsDuring(Attack attack) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        FutureTask<List<Long>> calls = new FutureTask<>(() -> {
            List<Long> micros = new ArrayList<>();
            while (!over.get()) {
                long begin = System.nanoTime();
                assertServesOthers();
                micros.add((System.nanoTime() - begin) / 1000);
            }
            return micros;
        });
        new Thread(calls).start();
        try {
            attack.run();
        } finally {
            over.set(true);
        }
        return calls.get(30, TimeUnit.SECONDS);
    }

    private static String percentiles(List<Long> micros) {
        List<Long> sorted = micros.stream().sorted().toList();
        return sorted.get(sorted.size() / 2) + " at p50, " + sorted.get(sorted.size() * 99 / 100) + " at p99";
    }

    @Test
    void shouldSendAPingFlooderAway() throws Exception {
        try (FrameClient frames = new FrameClient(server)) {
            for (int i = 0; i < 100; i++) {
                frames.frame(FrameClient.PING, 0, 0, new byte[8]);
            }
            assertThat(frames.goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM); // gRPC's own strikes
        }
        assertServesOthers();
    }
}
