package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.internal.InsecureTrustManager;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

/** A connection that is cut while its engine computes, which the JDK's engine does under its lock. */
class CutDuringTaskTest {
    private static final Identity IDENTITY = Identity.selfSigned();

    private final CountDownLatch computing = new CountDownLatch(1);
    private final CountDownLatch cut = new CountDownLatch(1);

    @Test
    @SuppressWarnings("try") // the servers' group ends in the middle
    void shouldNotMakeTheLoopWaitForTheTask() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new SlowTrust()}, null);
        Tls client =
                Tls.clientBuilder().context(context).insecureNoHostnameCheck().build();
        try (EventLoopGroup clients = EventLoopGroup.of(1);
                EventLoopGroup servers = EventLoopGroup.of(1);
                Listener listener = servers.listen(
                        Endpoint.memory("cut-during-task").with(Tls.server(IDENTITY)), c -> new Nothing(), 1)) {
            CompletionStage<Connection> connecting =
                    clients.connect(listener.endpoint().below().with(client), new Nothing(), Duration.ofMinutes(1));
            assertThat(computing.await(20, TimeUnit.SECONDS)).isTrue();

            servers.close();

            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> connecting.toCompletableFuture().get(20, TimeUnit.SECONDS));
            CountDownLatch turn = new CountDownLatch(1);
            clients.loops().get(0).execute(turn::countDown);
            assertThat(turn.await(20, TimeUnit.SECONDS)).as("the loop goes on").isTrue();
        } finally {
            cut.countDown();
        }
    }

    /** Looks at certificates until the connection is cut. */
    private final class SlowTrust extends X509ExtendedTrustManager {
        private final InsecureTrustManager anything = new InsecureTrustManager();

        private void compute() {
            computing.countDown();
            try {
                cut.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            compute();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            compute();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            compute();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            anything.checkClientTrusted(chain, authType, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            anything.checkClientTrusted(chain, authType, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            anything.checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return anything.getAcceptedIssuers();
        }
    }

    private static final class Nothing implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }
}
