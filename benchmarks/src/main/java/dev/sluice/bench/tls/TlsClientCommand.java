package dev.sluice.bench.tls;

import dev.sluice.tls.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.conscrypt.OpenSSLProvider;
import picocli.CommandLine.Command;

/**
 * The client of all TLS servers, in a process of its own. It is Conscrypt's, the fastest, so that it is not the client that is
 * measured. For {@code bulk PORT} it fetches the file and answers {@code nanoseconds bytes}; for {@code handshakes PORT
 * COUNT} it connects as often, each time with a full handshake, and answers {@code nanoseconds count}.
 */
@Command(name = "tls-client", description = "Connects as it is told on standard input.", hidden = true)
public final class TlsClientCommand implements Callable<Integer> {
    private static final Provider PROVIDER = new OpenSSLProvider();
    private static final byte[] REQUEST = "GET /data HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int READ_BYTES = 256 << 10;

    private final byte[] buffer = new byte[READ_BYTES];
    private TrustManager[] anything = {};

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ", -1);
            int port = Integer.parseInt(words[1]);
            long begin = System.nanoTime();
            long amount = words[0].equals("bulk") ? fetch(port) : handshakes(port, Integer.parseInt(words[2]));
            System.out.println((System.nanoTime() - begin) + " " + amount);
        }
        return 0;
    }

    private TrustManager[] trusted() throws GeneralSecurityException {
        if (anything.length == 0) {
            anything = Trust.insecureTrustAnything().trustManagers();
        }
        return anything;
    }

    /** A context of its own has no sessions to resume. */
    private SSLContext newContext() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS", PROVIDER);
        context.init(null, trusted(), new SecureRandom());
        return context;
    }

    private static SSLSocket connect(SSLContext context, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.startHandshake();
        return socket;
    }

    private long fetch(int port) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connect(newContext(), port)) {
            socket.getOutputStream().write(REQUEST);
            InputStream in = socket.getInputStream();
            long bytes = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes += n;
            }
            return bytes;
        }
    }

    private long handshakes(int port, int count) throws IOException, GeneralSecurityException {
        for (int i = 0; i < count; i++) {
            connect(newContext(), port).close();
        }
        return count;
    }
}
