package dev.sluice.streamrpc.framed.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.CallStatus;
import dev.sluice.streamrpc.framed.Octets;
import dev.sluice.streamrpc.framed.internal.EndpointTable.Verdict;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The server's end of a connection: serves one call after the other, on one thread, and goes on only while it knows where the next one begins.
 *
 * <pre>
 *   WAITING --header--&gt; CALL --answered, and its body read--&gt; WAITING
 *      |                  |
 *      +-----stop---------+--&gt; STOPPING
 * </pre>
 */
final class ServedConnection {
    private static final Logger LOG = System.getLogger(ServedConnection.class.getName());
    private static final byte LINE_FEED = '\n';

    private enum State {
        WAITING,
        CALL,
        STOPPING
    }

    private final ServerConfig server;
    private final Link link;
    private final MessageInput input;
    private final MessageOutput output;
    private final Handshake handshake;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    ServedConnection(ServerConfig server, Link link, Handshake handshake) {
        this.server = server;
        this.link = link;
        this.input = link.input();
        this.output = link.output();
        this.handshake = handshake;
    }

    /** Serves until the client hangs up or breaks something, or the server stops. Returns when the connection is closed. */
    void run() {
        server.connections().add(this);
        try {
            if (server.isDraining()) {
                stop();
            }
            if (link.isExtended()) {
                exchangeBanners();
            }
            boolean more;
            do {
                more = serveNext();
            } while (more);
        } catch (TransportException e) {
            handshake.failed(); // no effect if it was through
            LOG.log(Level.DEBUG, "{0}: ends: {1}", link.connection(), e.getMessage());
        } finally {
            server.connections().remove(this);
            link.close();
        }
    }

    /** Ends the connection, if a call is under way after that. Any thread. */
    void stop() {
        if (state.getAndSet(State.STOPPING) == State.WAITING) {
            link.end();
        }
    }

    private void exchangeBanners() throws TransportException {
        Banner theirs = input.banner();
        output.raw(Greeting.bytes());
        Banner.OURS.requireSame(theirs);
        handshake.complete();
    }

    /** Returns whether there may be another call. */
    private boolean serveNext() throws TransportException {
        CallHeader request = input.header();
        handshake.complete();
        if (!state.compareAndSet(State.WAITING, State.CALL)) {
            return false;
        }
        LOG.log(Level.TRACE, "{0}: {1}", link.connection(), request);
        return serve(request) && state.compareAndSet(State.CALL, State.WAITING);
    }

    private boolean serve(CallHeader request) throws TransportException {
        Verdict verdict = server.endpoints().judge(request);
        if (verdict.isClose()) {
            output.header(CallHeader.answer(DataType.CONTROL).encode());
            return false;
        }
        if (verdict.refusal().isPresent()) {
            return refuse(request, verdict.refusal().get());
        }
        ServedEndpoint endpoint = verdict.served().orElseThrow();
        return endpoint.input().isPresent() ? serveDocument(endpoint) : serveOctets(endpoint);
    }

    /** Answers at once, so that a client need not send all of a large body, and then passes over what comes of it. */
    private boolean refuse(CallHeader request, String text) throws TransportException {
        error(CallStatus.REQUEST_ERROR, text);
        if (request.isControl()) {
            return true; // has no body
        }
        if (request.dataType() == DataType.JSON.code()) {
            input.beginUnwanted(MessageKind.DOCUMENT);
        } else if (request.dataType() == DataType.OCTETS.code()) {
            input.beginUnwanted(MessageKind.OCTETS);
        } else {
            return false; // who knows what follows
        }
        return input.skip(server.limits().unwantedBytes());
    }

    private void error(CallStatus status, String text) throws TransportException {
        server.counters().failed.increment();
        output.header(CallHeader.error(status, text).encode());
    }

    private boolean serveDocument(ServedEndpoint endpoint) throws TransportException {
        Optional<byte[]> json = input.document(server.limits().requestBytes(), server.requestMemory());
        if (json.isEmpty()) {
            undecodable("it has more than " + server.limits().requestBytes() + " bytes");
            return input.skip(server.limits().unwantedBytes());
        }
        Object value;
        try {
            value = endpoint.input().orElseThrow().decode(json.get());
        } catch (IOException | RuntimeException e) {
            undecodable(CallHeader.textOf(e));
            return true;
        }
        if (value == null) {
            undecodable("it is null");
            return true;
        }
        return answer(endpoint, value);
    }

    private void undecodable(String why) throws TransportException {
        error(CallStatus.REQUEST_ERROR, "cannot decode marshaled JSON: " + why);
    }

    private boolean serveOctets(ServedEndpoint endpoint) throws TransportException {
        ReceivedOctets octets = new ReceivedOctets(input, server.limits().octetBytes(), ReceivedOctets.Ending.NONE);
        return answer(endpoint, octets) && input.skip(server.limits().unwantedBytes());
    }

    /** Returns whether this side has said all that it has to say. */
    private boolean answer(ServedEndpoint endpoint, Object value) throws TransportException {
        Object result;
        try {
            result = endpoint.handler().call(value);
        } catch (Throwable t) { // whatever it is, the client waits for it
            failed(endpoint, t);
            output.header(CallHeader.failure(t).encode());
            return true;
        }
        if (endpoint.output().isEmpty()) {
            return answerOctets(endpoint, (Octets) result);
        }
        byte[] json;
        try {
            json = encode(endpoint, result);
        } catch (IOException | RuntimeException e) {
            error(CallStatus.SERVER_ERROR, "cannot marshal response: " + CallHeader.textOf(e));
            return true;
        }
        server.counters().answered.increment();
        output.document(CallHeader.answer(DataType.JSON).encode(), json);
        return true;
    }

    private byte[] encode(ServedEndpoint endpoint, Object result) throws IOException {
        byte[] json = endpoint.output().orElseThrow().encode(result);
        if (json.length >= server.limits().responseBytes()) {
            throw new IOException("it has more than " + server.limits().responseBytes() + " bytes");
        }
        return withLineFeed(json);
    }

    static byte[] withLineFeed(byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = LINE_FEED;
        return line;
    }

    private boolean answerOctets(ServedEndpoint endpoint, Octets octets) throws TransportException {
        if (octets == null) {
            error(CallStatus.SERVER_ERROR, "cannot marshal response: the handler returned no octets");
            return true;
        }
        try {
            server.counters().answered.increment();
            output.octets(CallHeader.answer(DataType.OCTETS).encode(), octets, t -> failed(endpoint, t));
            return output.isBetweenMessages();
        } finally {
            close(octets);
        }
    }

    static void close(Octets octets) {
        try {
            octets.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a source of octets does not close", e);
        }
    }

    /** A failure that the client is told is nothing that an operator has to act on. */
    private void failed(ServedEndpoint endpoint, Throwable thrown) {
        server.counters().failed.increment();
        LOG.log(Level.DEBUG, link.connection() + ": endpoint " + endpoint.name() + " failed", thrown);
    }
}
