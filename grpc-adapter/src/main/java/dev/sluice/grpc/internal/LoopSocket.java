package dev.sluice.grpc.internal;

import java.io.InputStream;
import java.io.OutputStream;

/** A connection that its loop drives. Thread-safe, but for the streams, which are the loop's. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing here needs the monitor
final class LoopSocket extends ConnectionSocket {
    private final DrivenConnection owner;
    private final OutputStream output;

    LoopSocket(DrivenConnection owner, OutputStream output) {
        super(owner.connection());
        this.owner = owner;
        this.output = output;
    }

    DrivenConnection owner() {
        return owner;
    }

    @Override
    public InputStream getInputStream() {
        return EndOfInput.create();
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void close() {
        owner.close();
    }

    @Override
    public boolean isClosed() {
        return false; // or what is begun too late would be logged as a failure
    }
}
