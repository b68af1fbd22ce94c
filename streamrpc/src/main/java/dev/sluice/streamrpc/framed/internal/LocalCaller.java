package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.BodyCodec.BodyFormat;
import dev.sluice.streamrpc.framed.CallFailedException;
import dev.sluice.streamrpc.framed.CallStatus;
import dev.sluice.streamrpc.framed.FramedCaller;
import dev.sluice.streamrpc.framed.Octets;
import dev.sluice.streamrpc.framed.internal.EndpointTable.Verdict;
import java.io.IOException;

/** Calls handlers on the caller's thread, with the answers that a server would have given. Thread-safe. */
public final class LocalCaller implements FramedCaller {
    private final EndpointTable endpoints;
    private final BodyFormats formats;

    /** Creates it. */
    public LocalCaller(EndpointTable endpoints, BodyCodec codec) {
        this.endpoints = endpoints;
        this.formats = new BodyFormats(codec);
    }

    @Override
    public <O> O call(String endpoint, Object input, Class<O> output) throws IOException {
        if (!(input instanceof Octets octets)) {
            return call(endpoint, DataType.JSON, input, output);
        }
        O result;
        try {
            result = call(endpoint, DataType.OCTETS, octets, output);
        } catch (IOException | RuntimeException e) {
            ServedConnection.close(octets);
            throw e;
        }
        if (result instanceof Octets answer) {
            return output.cast(new Answer(answer, octets));
        }
        ServedConnection.close(octets);
        return result;
    }

    private <O> O call(String endpoint, DataType type, Object input, Class<O> output) throws IOException {
        DataType accept = output == Octets.class ? DataType.OCTETS : DataType.JSON;
        Verdict verdict = endpoints.judge(CallHeader.request(endpoint, type, accept));
        if (verdict.refusal().isPresent()) {
            throw new CallFailedException(
                    CallStatus.REQUEST_ERROR, verdict.refusal().get());
        }
        ServedEndpoint served = verdict.served().orElseThrow();
        Object result =
                run(served, served.input().isPresent() ? copy(served.input().get(), input) : input);
        if (served.output().isPresent()) {
            return formats.decode(encode(served.output().get(), result), output);
        }
        if (result == null) {
            throw unmarshallable("the handler returned no octets", null);
        }
        return output.cast(result);
    }

    /** As a handler would get it from a connection. */
    private Object copy(BodyFormat format, Object value) throws IOException {
        byte[] json = formats.encode(value);
        Object copy;
        try {
            copy = format.decode(json);
        } catch (IOException | RuntimeException e) {
            throw undecodable(CallHeader.textOf(e), e);
        }
        if (copy == null) {
            throw undecodable("it is null", null);
        }
        return copy;
    }

    private static Object run(ServedEndpoint served, Object input) throws CallFailedException {
        try {
            return served.handler().call(input);
        } catch (Throwable t) { // as a server does
            throw failed(CallStatus.ERROR, CallHeader.textOf(t), t);
        }
    }

    private static byte[] encode(BodyFormat format, Object result) throws CallFailedException {
        try {
            return format.encode(result);
        } catch (IOException | RuntimeException e) {
            throw unmarshallable(CallHeader.textOf(e), e);
        }
    }

    private static CallFailedException undecodable(String why, Throwable cause) {
        return failed(CallStatus.REQUEST_ERROR, "cannot decode marshaled JSON: " + why, cause);
    }

    private static CallFailedException unmarshallable(String why, Throwable cause) {
        return failed(CallStatus.SERVER_ERROR, "cannot marshal response: " + why, cause);
    }

    private static CallFailedException failed(CallStatus status, String text, Throwable cause) {
        CallFailedException failure = new CallFailedException(status, text);
        failure.initCause(cause);
        return failure;
    }

    @Override
    public void close() {
        // There is nothing that calls have used.
    }

    /** Octets that may come out of those that went in: both are over when these are. */
    private static final class Answer extends StreamOctets {
        private final Octets answer;
        private final Octets request;

        Answer(Octets answer, Octets request) {
            super(answer.inputStream());
            this.answer = answer;
            this.request = request;
        }

        @Override
        public void close() throws IOException {
            ServedConnection.close(request);
            answer.close();
        }
    }
}
