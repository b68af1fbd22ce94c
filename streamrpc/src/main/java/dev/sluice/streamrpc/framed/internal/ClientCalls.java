package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.CallFailedException;
import dev.sluice.streamrpc.framed.CallStatus;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/** Makes calls, each on a connection that is its own for so long. Thread-safe. */
public final class ClientCalls {
    private final Connections connections;
    private final ClientConfig config;
    private final BodyFormats formats;

    /** Creates it. */
    public ClientCalls(Connections connections, BodyCodec codec) {
        this.connections = connections;
        this.config = connections.config();
        this.formats = new BodyFormats(codec);
    }

    /** Makes a call; see {@link dev.sluice.streamrpc.framed.FramedCaller#call}. */
    public <O> O call(String endpoint, Object input, Class<O> output) throws IOException {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException("a call blocks, so it must not be made on an event loop");
        }
        DataType accept = output == Octets.class ? DataType.OCTETS : DataType.JSON;
        if (input instanceof Octets octets) {
            return callWithOctets(endpoint, octets, accept, output);
        }
        byte[] body = ServedConnection.withLineFeed(formats.encode(input));
        if (body.length > config.limits().requestBytes()) {
            throw new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    "call of " + endpoint + ": the request has more than "
                            + config.limits().requestBytes() + " bytes (FramedClient.Builder.limits)");
        }
        byte[] header = CallHeader.request(endpoint, DataType.JSON, accept).encode();
        Link link = connections.take();
        Exchange exchange = new Exchange(link, accept, Optional.empty());
        return exchange.run(() -> link.output().document(header, body), output);
    }

    private <O> O callWithOctets(String endpoint, Octets octets, DataType accept, Class<O> output) throws IOException {
        Upload upload;
        Link link;
        try {
            byte[] header =
                    CallHeader.request(endpoint, DataType.OCTETS, accept).encode();
            link = connections.take();
            upload = new Upload(link, header, octets);
        } catch (IOException | RuntimeException e) {
            ServedConnection.close(octets);
            throw e;
        }
        Exchange exchange = new Exchange(link, accept, Optional.of(upload));
        return exchange.run(() -> start(endpoint, upload), output);
    }

    private void start(String endpoint, Upload upload) throws TransportException {
        try {
            config.executor().execute(upload);
        } catch (RejectedExecutionException e) {
            upload.abandon();
            throw new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    "call of " + endpoint + ": no thread to send the octets (FramedClient.Builder.executor)",
                    e);
        }
    }

    private interface Request {
        void send() throws TransportException;
    }

    /** One call. One thread, but for the upload's. */
    private final class Exchange {
        private final Link link;
        private final DataType accept;
        private final Optional<Upload> upload;
        private boolean reusable;

        Exchange(Link link, DataType accept, Optional<Upload> upload) {
            this.link = link;
            this.accept = accept;
            this.upload = upload;
            this.reusable = link.isExtended() || upload.isEmpty();
        }

        <O> O run(Request request, Class<O> output) throws IOException {
            Optional<CallDeadline> deadline = config.callTimeout()
                    .map(limit -> CallDeadline.start(link.connection(), limit, "FramedClient.Builder.callTimeout"));
            byte[] json;
            try {
                request.send();
                readHeader();
                if (accept == DataType.OCTETS) {
                    return output.cast(
                            new ReceivedOctets(link.input(), config.limits().octetBytes(), this::release));
                }
                json = readDocument();
            } catch (CallFailedException e) { // a good answer, too
                release();
                throw cause(e);
            } catch (IOException e) {
                link.abort();
                throw cause(e);
            } catch (RuntimeException e) {
                link.abort();
                throw e;
            } finally {
                deadline.ifPresent(CallDeadline::close);
            }
            release();
            return formats.decode(json, output);
        }

        /** What the octets' source failed with says more than what the server made of that. */
        private IOException cause(IOException seen) {
            Optional<Throwable> failure = upload.flatMap(Upload::failure);
            if (failure.isEmpty()) {
                return seen;
            }
            IOException cause =
                    new IOException("the octets failed: " + CallHeader.textOf(failure.get()), failure.get());
            cause.addSuppressed(seen);
            return cause;
        }

        private void readHeader() throws IOException {
            CallHeader answer = link.input().header();
            if (!answer.isOk()) {
                CallFailedException failure = link.input().failure(answer);
                // Without extensions the server may be one that leaves a body that it refused unread, and takes it for
                // calls.
                reusable &= link.isExtended() || failure.status() != CallStatus.REQUEST_ERROR;
                throw failure;
            }
            if (answer.dataType() != accept.code()) {
                throw new TransportException(
                        Reason.PROTOCOL_ERROR,
                        link.connection() + ": asked for " + accept + ", the answer is "
                                + DataType.nameOf(answer.dataType()));
            }
        }

        private byte[] readDocument() throws TransportException {
            int limit = config.limits().responseBytes();
            return link.input()
                    .document(limit)
                    .orElseThrow(() -> new TransportException(
                            Reason.LIMIT_EXCEEDED,
                            link.connection() + ": the answer has more than " + limit
                                    + " bytes (FramedClient.Builder.limits)"));
        }

        /** The answer is over; the upload may not be, of which nobody wants the rest. */
        private void release() {
            if (upload.isEmpty()) {
                settle();
            } else {
                upload.get().answered(this::settle);
            }
        }

        private void settle() {
            if (reusable) {
                connections.giveBack(link);
            } else {
                connections.discard(link);
            }
        }
    }
}
