package dev.sluice.bench.jmh;

import dev.sluice.bench.tls.BareEngines;
import dev.sluice.bench.tls.TlsPair;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 64 KiB encrypted and decrypted on one thread: by bare engines, and by two connections of Sluice with a pipe in memory between
 * them. What the second takes longer, and allocates more, is Sluice's part.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class TlsRecordBenchmark {
    /** Transfers in one measured call, so that handing over to the loop is noise. */
    static final int BATCH = 64;

    private static final int TRANSFER_BYTES = 64 << 10;
    /** The one that Sluice prefers, so that both sides do the same cryptography. */
    private static final String CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

    /** Who does the cryptography. */
    @Param({"SunJSSE", "BCJSSE"})
    public String provider;

    private final ByteBuffer src = ByteBuffer.allocateDirect(TRANSFER_BYTES);
    private final ByteBuffer dst = ByteBuffer.allocateDirect(2 * TRANSFER_BYTES);
    private BareEngines bare;
    private TlsPair pair;
    private LoopBatch batch;

    /** Makes the engines and the connections. */
    @Setup(Level.Trial)
    public void start() throws IOException, GeneralSecurityException {
        if (provider.equals("BCJSSE")) {
            Security.addProvider(new org.bouncycastle.jsse.provider.BouncyCastleJsseProvider());
        }
        Identity identity = Identity.selfSigned("localhost");
        Trust trust = Trust.of(identity.certificate());
        bare = new BareEngines(context(identity, trust), context(identity, trust), CIPHER_SUITE);
        pair = new TlsPair(
                Tls.clientBuilder()
                        .provider(provider)
                        .trust(trust)
                        .serverName("localhost")
                        .build(),
                Tls.serverBuilder(Identities.of(identity)).provider(provider).build(),
                "tls-records");
        batch = new LoopBatch(pair.loop(), () -> {
            for (int i = 0; i < BATCH; i++) {
                pair.transfer(src.clear(), dst.clear());
            }
        });
    }

    private SSLContext context(Identity identity, Trust trust) throws GeneralSecurityException {
        Provider named = Security.getProvider(provider);
        SSLContext context = SSLContext.getInstance("TLS", named);
        context.init(
                new KeyManager[] {Identities.of(identity).keyManager()},
                trust.trustManagers(named),
                new SecureRandom());
        return context;
    }

    /** Bare engines. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void engines() throws IOException {
        for (int i = 0; i < BATCH; i++) {
            bare.transfer(src.clear(), dst.clear());
        }
    }

    /** Connections of Sluice. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void connections() {
        batch.runAndWait();
    }

    /** Ends the loop. */
    @TearDown(Level.Trial)
    public void stop() {
        pair.close();
    }
}
