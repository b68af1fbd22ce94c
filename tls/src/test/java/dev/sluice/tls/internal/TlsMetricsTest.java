package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.TlsFailure;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What is counted and logged as what. */
class TlsMetricsTest {
    /** Nobody's fault but this side's, and something that the operator can act on. */
    @Test
    void shouldWarnOfOverload() {
        Logger logger = Logger.getLogger("dev.sluice.tls");
        AtomicReference<LogRecord> logged = new AtomicReference<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.set(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        TlsMetrics metrics = new TlsMetrics();
        try {
            metrics.failed(new TransportException(Reason.LIMIT_EXCEEDED, "no buffer left"));
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(metrics.stats().failures())
                .containsEntry(TlsFailure.OVERLOADED, 1L)
                .containsEntry(TlsFailure.GIVEN_UP, 0L);
        assertThat(logged.get().getLevel()).isEqualTo(Level.WARNING);
        assertThat(logged.get().getMessage()).contains("no buffer left");
    }
}
