package dev.sluice.grpc.interop;

import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import io.grpc.ServerInterceptors;
import io.grpc.testing.integration.AbstractInteropTest;
import io.grpc.testing.integration.TestServiceImpl;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.After;
import org.junit.Before;

/** gRPC's own interoperability cases against our server. */
abstract class InteropCases extends AbstractInteropTest {
    static final Identity IDENTITY = Identity.selfSigned("localhost");
    static final int MAX_MESSAGE_BYTES = 16 << 20;

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private final Endpoint listening;
    private final GrpcServerOptions.Driving driving;
    private SluiceServer server;

    InteropCases(Endpoint listening) {
        this(listening, GrpcServerOptions.Driving.LOOPS);
    }

    InteropCases(Endpoint listening, GrpcServerOptions.Driving driving) {
        this.listening = listening;
        this.driving = driving;
    }

    static Endpoint tcp() {
        return Endpoint.tcp("localhost", 0);
    }

    static Endpoint tls() {
        return tcp().with(Tls.server(IDENTITY));
    }

    final Endpoint endpoint() {
        return server.endpoints().get(0);
    }

    @Before
    @Override
    public void setUp() {
        var service = ServerInterceptors.intercept(new TestServiceImpl(executor), TestServiceImpl.interceptors());
        try {
            server = SluiceServer.builder()
                    .listen(listening)
                    .protocol(Grpc.serve(
                            GrpcServerOptions.builder().driving(driving).build(),
                            b -> b.addService(service).maxInboundMessageSize(MAX_MESSAGE_BYTES)))
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        super.setUp();
    }

    @After
    @Override
    public void tearDown() {
        super.tearDown();
        server.close();
        executor.shutdownNow();
    }

    /** They are measured by wrapping the server's builder, which another has. */
    @Override
    protected boolean metricsExpected() {
        return false;
    }
}
