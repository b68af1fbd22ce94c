package dev.sluice.cli;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.util.Optional;

/** What to try when a server does not talk to this client, by what that looks like. */
final class ConnectHint {
    /** SSLEngine has no exception of its own for it. */
    private static final String REFUSED_BY_ALERT = "fatal alert";

    private ConnectHint() {}

    /** Returns the failure of a call with what to try. */
    static CommandFailure addTo(TransportException failure, Target server) {
        Optional<String> hint = of(failure, server.named());
        boolean perhapsNone = server.hasBackchannel() && isCut(failure);
        return failure(failure, perhapsNone ? hint.map(what -> what + ", or leave out --backchannel") : hint);
    }

    /** Returns the failure with what to try. */
    static CommandFailure addTo(TransportException failure, Endpoint server) {
        return failure(failure, of(failure, server));
    }

    private static CommandFailure failure(TransportException failure, Optional<String> hint) {
        String text = hint.map(what -> withoutStop(failure.getMessage()) + "; " + what)
                .orElseGet(() -> FailureText.of(failure));
        return new CommandFailure(text, failure);
    }

    private static Optional<String> of(TransportException failure, Endpoint server) {
        return TlsAddress.isTls(server) ? ofTls(failure, server) : ofPlaintext(failure, server);
    }

    private static Optional<String> ofTls(TransportException failure, Endpoint server) {
        if (failure.reason() == Reason.UNTRUSTED) {
            return Optional.of(
                    "--ca FILE says whose certificates to trust, --server-name NAME what the server is called");
        }
        if (failure.getMessage().contains(REFUSED_BY_ALERT)) {
            return Optional.of("the server did not like this client: if it wants a certificate, give --cert and --key");
        }
        return isCut(failure)
                ? Optional.of("does the server speak TLS there? If not, its address is " + server.below())
                : Optional.empty();
    }

    private static Optional<String> ofPlaintext(TransportException failure, Endpoint server) {
        return isCut(failure)
                ? Optional.of("does the server expect TLS there? Then its address is " + TlsAddress.over(server))
                : Optional.empty();
    }

    /** The JDK's validators end some of their texts with a full stop. */
    private static String withoutStop(String text) {
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    private static boolean isCut(TransportException failure) {
        return failure.reason() == Reason.RESET || failure.reason() == Reason.TRUNCATED;
    }
}
