package dev.sluice.streamrpc.framed;

import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.streamrpc.framed.internal.KeepAliveConfig;
import dev.sluice.streamrpc.framed.internal.LocalCaller;
import java.time.Duration;
import java.util.Optional;

/**
 * The framed RPC (docs/framed-rpc.md): calls with JSON or octets for a request and for an answer, one after the other on a connection, without
 * stubs and without generated code.
 *
 * <pre>{@code
 * Endpoints endpoints = Endpoints.builder(JacksonBodies.create())
 *         .add("Greet", Name.class, Greeting.class, name -> new Greeting("hello " + name.text()))
 *         .build();
 * SluiceServer.builder().listen(endpoint).protocol(FramedRpc.serve(endpoints)).start();
 * ...
 * try (FramedClient client = FramedClient.builder(endpoint, JacksonBodies.create()).build()) {
 *     Greeting greeting = client.call("Greet", new Name("world"), Greeting.class);
 * }
 * }</pre>
 *
 * <p>Plain, it is what zrepl spoke in 2017, byte for byte. With extensions, which is the default, octets that fail say why, a peer that is gone is
 * noticed, and both sides say what they speak.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class FramedRpc {
    /** What a client with extensions sends first: {@code framedrpc01}. */
    public static final Magic MAGIC = new Magic("framedrpc01");

    /** With extensions a peer that lives says something at least twice in this time. */
    private static final Duration MIN_IDLE_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration PLAIN_IDLE_TIMEOUT = Duration.ofMinutes(5);

    private FramedRpc() {}

    /** Returns a server side with extensions, to be added to a {@link dev.sluice.mux.SluiceServer}. */
    public static Protocol serve(Endpoints endpoints) {
        return FramedServer.builder(endpoints).build();
    }

    /** As {@link #serve}, without extensions: for all clients that no magic claims. May be added beside the other. */
    public static Protocol servePlain(Endpoints endpoints) {
        return FramedServer.builder(endpoints).plain().build();
    }

    /**
     * Returns what calls handlers in this process, on the caller's thread. JSON is written and read as on a connection, so no object is shared; octets
     * are the handler's own. No limits apply, and closing it does nothing.
     */
    public static FramedCaller local(Endpoints endpoints) {
        return new LocalCaller(endpoints.table(), endpoints.codec());
    }

    /** Returns the setting of a builder, or the default, if it makes sense. */
    static KeepAliveConfig keepAlive(Optional<Duration> idleTimeout, boolean extended, String setting) {
        Duration limit = idleTimeout.orElse(extended ? MIN_IDLE_TIMEOUT : PLAIN_IDLE_TIMEOUT);
        if (limit.isNegative() || (extended && !limit.isZero() && limit.compareTo(MIN_IDLE_TIMEOUT) < 0)) {
            throw new IllegalArgumentException(setting + " must be zero, or "
                    + (extended ? "at least " + MIN_IDLE_TIMEOUT : "more than that") + ", is " + limit);
        }
        return new KeepAliveConfig(limit, setting);
    }
}
