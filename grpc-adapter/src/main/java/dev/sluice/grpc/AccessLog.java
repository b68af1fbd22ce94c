package dev.sluice.grpc;

import dev.sluice.mux.CallAttributes;
import dev.sluice.nio.Connection;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes a line for each call that has ended, of gRPC and StreamRPC alike: at INFO, to the logger of this class's name, as key-value pairs of
 * SLF4J 2. Add it last, so that it runs first and sees what other interceptors refuse.
 *
 * <table>
 * <caption>Keys; those that have no value are left out</caption>
 * <tr><td>{@code wire}</td><td>the scheme of the address, as {@code tcp} or {@code tls+unix}</td></tr>
 * <tr><td>{@code peer}</td><td>the address of the client</td></tr>
 * <tr><td>{@code method}</td><td>{@code package.Service/Method}</td></tr>
 * <tr><td>{@code code}</td><td>of the status</td></tr>
 * <tr><td>{@code millis}</td><td>from begin to end; of StreamRPC, to the end of the stream</td></tr>
 * <tr><td>{@code received}, {@code sent}</td><td>messages</td></tr>
 * <tr><td>{@code correlation}</td><td>the {@link CorrelationId}, wherever among the interceptors that is</td></tr>
 * <tr><td>{@code user}</td><td>what authentication has put into the context</td></tr>
 * </table>
 *
 * <p>Payload and metadata are never written. Needs {@code org.slf4j:slf4j-api}, 2.0 or newer.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class AccessLog implements ServerInterceptor {
    private final Logger log;
    private final LongSupplier nanoClock;
    private final Optional<Context.Key<?>> user;

    AccessLog(Logger log, LongSupplier nanoClock, Optional<Context.Key<?>> user) {
        this.log = log;
        this.nanoClock = nanoClock;
        this.user = user;
    }

    /** Returns a log that knows no users. */
    public static AccessLog create() {
        return new AccessLog(LoggerFactory.getLogger(AccessLog.class), System::nanoTime, Optional.empty());
    }

    /** Returns a log of users, too: of what the call's context has under {@code user}, as text. */
    public static AccessLog withUser(Context.Key<?> user) {
        return new AccessLog(LoggerFactory.getLogger(AccessLog.class), System::nanoTime, Optional.of(user));
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return log.isInfoEnabled() ? new Entry(call).start(call, headers, next) : next.startCall(call, headers);
    }

    /** What will be one line. The context is looked at when the call is acted on: interceptors that run later have filled it by then. */
    private final class Entry extends CallWatch {
        private final ServerCall<?, ?> call;
        private final long beginNanos = nanoClock.getAsLong();
        private volatile String correlationId;
        private volatile String userName;

        Entry(ServerCall<?, ?> call) {
            this.call = call;
        }

        @Override
        void acted() {
            CorrelationId.current().ifPresent(id -> correlationId = id);
            user.map(Context.Key::get).ifPresent(name -> userName = printable(name.toString()));
        }

        @Override
        void ended(Status status) {
            acted(); // in case that it was refused before anything was asked of it
            Optional<Connection> connection =
                    Optional.ofNullable(call.getAttributes().get(CallAttributes.CONNECTION));
            LoggingEventBuilder line = log.atInfo();
            line = with(line, "wire", connection.map(c -> c.localEndpoint().scheme()));
            line = with(line, "peer", connection.map(c -> c.remoteEndpoint().toString()));
            line = line.addKeyValue("method", call.getMethodDescriptor().getFullMethodName())
                    .addKeyValue("code", status.getCode().name())
                    .addKeyValue("millis", millisOf(nanoClock.getAsLong() - beginNanos))
                    .addKeyValue("received", received())
                    .addKeyValue("sent", sent());
            line = with(line, "correlation", Optional.ofNullable(correlationId));
            line = with(line, "user", Optional.ofNullable(userName));
            line.log("call");
        }
    }

    private static LoggingEventBuilder with(LoggingEventBuilder line, String key, Optional<String> value) {
        return value.isPresent() ? line.addKeyValue(key, value.get()) : line;
    }

    /** To the microsecond. */
    private static double millisOf(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    /** A name must not be able to begin a line of its own. */
    private static String printable(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }
}
