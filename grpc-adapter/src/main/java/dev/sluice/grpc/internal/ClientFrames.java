package dev.sluice.grpc.internal;

import io.grpc.okhttp.internal.framed.ErrorCode;
import io.grpc.okhttp.internal.framed.FrameReader;
import io.grpc.okhttp.internal.framed.Header;
import io.grpc.okhttp.internal.framed.HeadersMode;
import io.grpc.okhttp.internal.framed.Settings;
import java.io.IOException;
import java.util.List;
import okio.BufferedSource;
import okio.ByteString;

/** Tells grpc-okhttp's transport of a client's frames, but for what is not meant for it. For one thread at a time. */
final class ClientFrames implements FrameReader.Handler {
    private final FrameReader.Handler transport;
    private final OutboundCredit credit;
    private final InboundWindow window;

    ClientFrames(FrameReader.Handler transport, OutboundCredit credit, InboundWindow window) {
        this.transport = transport;
        this.credit = credit;
        this.window = window;
    }

    @Override
    public void data(boolean last, int stream, BufferedSource source, int length, int paddedLength) throws IOException {
        window.received(paddedLength);
        transport.data(last, stream, source, length, paddedLength);
    }

    @Override
    public void headers(
            boolean outputEnded,
            boolean last,
            int stream,
            int associatedStream,
            List<Header> headers,
            HeadersMode mode) {
        transport.headers(outputEnded, last, stream, associatedStream, headers, mode);
    }

    @Override
    public void rstStream(int stream, ErrorCode error) {
        transport.rstStream(stream, error);
    }

    @Override
    public void settings(boolean clearPrevious, Settings settings) {
        transport.settings(clearPrevious, settings);
    }

    @Override
    public void ackSettings() {
        transport.ackSettings();
    }

    /** The answer to our own keep-alive is not the transport's. */
    @Override
    public void ping(boolean ack, int high, int low) {
        if (!ack || !KeepAlive.isOwn(high, low)) {
            transport.ping(ack, high, low);
        }
    }

    @Override
    public void goAway(int lastStream, ErrorCode error, ByteString debugData) {
        transport.goAway(lastStream, error, debugData);
    }

    /** The window for the whole connection is passed on by and by. */
    @Override
    public void windowUpdate(int stream, long increment) {
        if (stream != 0) {
            streamWindowUpdate(stream, increment);
        } else if (!credit.granted(increment)) {
            throw new Http2Violation(Http2Frames.FLOW_CONTROL_ERROR, "a window of more than 2^31-1 bytes");
        }
    }

    private void streamWindowUpdate(int stream, long increment) {
        try {
            transport.windowUpdate(stream, increment);
        } catch (IllegalArgumentException e) { // so says grpc-okhttp
            throw new Http2Violation(Http2Frames.FLOW_CONTROL_ERROR, "a window of more than 2^31-1 bytes");
        }
    }

    /** Passes on what of that window there is room for. */
    void passCredit(long waitingBytes, int maxWaitingBytes) {
        int increment = credit.take(waitingBytes, maxWaitingBytes);
        if (increment > 0) {
            transport.windowUpdate(0, increment);
        }
    }

    @Override
    public void priority(int stream, int dependency, int weight, boolean exclusive) {
        transport.priority(stream, dependency, weight, exclusive);
    }

    @Override
    public void pushPromise(int stream, int promisedStream, List<Header> headers) throws IOException {
        transport.pushPromise(stream, promisedStream, headers);
    }

    @Override
    public void alternateService(int stream, String origin, ByteString protocol, String host, int port, long maxAge) {
        transport.alternateService(stream, origin, protocol, host, port, maxAge);
    }
}
