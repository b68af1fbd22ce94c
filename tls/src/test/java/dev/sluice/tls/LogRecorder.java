package dev.sluice.tls;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps the warnings of one class while it is open. */
final class LogRecorder extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> warnings = new ArrayList<>();

    LogRecorder(Class<?> source) {
        logger = Logger.getLogger(source.getName());
        logger.addHandler(this);
    }

    List<String> warnings() {
        return warnings;
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().equals(Level.WARNING)) {
            Object[] parameters = entry.getParameters();
            warnings.add(
                    parameters == null ? entry.getMessage() : MessageFormat.format(entry.getMessage(), parameters));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
