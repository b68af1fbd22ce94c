package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever ends a call, its end is told once. */
class CallWatchTest {
    private final List<Status.Code> ends = new ArrayList<>();
    private final CallWatch watch = new CallWatch() {
        @Override
        void ended(Status status) {
            ends.add(status.getCode());
        }
    };
    private ServerCall<byte[], byte[]> watched;

    /** A call that goes nowhere. */
    private static final class DeadCall extends ServerCall<byte[], byte[]> {
        @Override
        public void request(int messages) {
            // There is nobody to ask.
        }

        @Override
        public void sendHeaders(Metadata headers) {
            // There is nobody to tell.
        }

        @Override
        public void sendMessage(byte[] message) {
            // There is nobody to tell.
        }

        @Override
        public void close(Status status, Metadata trailers) {
            // There is nobody to tell.
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<byte[], byte[]> getMethodDescriptor() {
            return GrpcFixture.UNARY;
        }
    }

    private ServerCall.Listener<byte[]> start() {
        ServerCallHandler<byte[], byte[]> method = (call, headers) -> {
            watched = call;
            return new ServerCall.Listener<>() {};
        };
        return watch.start(new DeadCall(), new Metadata(), method);
    }

    @Test
    void shouldTellThatTheClientLeft() {
        ServerCall.Listener<byte[]> listener = start();
        listener.onCancel();
        watched.close(Status.OK, new Metadata()); // too late
        assertThat(ends).containsExactly(Status.Code.CANCELLED);
    }

    @Test
    void shouldTellHowTheServerClosedWhenTheClientLeavesAfterwards() {
        ServerCall.Listener<byte[]> listener = start();
        watched.close(Status.NOT_FOUND, new Metadata());
        listener.onCancel();
        listener.onComplete();
        assertThat(ends).containsExactly(Status.Code.NOT_FOUND);
    }

    @Test
    void shouldTellOfACallThatWasClosedInFrontOfIt() {
        start().onComplete();
        assertThat(ends).containsExactly(Status.Code.UNKNOWN);
    }

    @Test
    void shouldTellOfAnInterceptorThatThrows() {
        ServerCallHandler<byte[], byte[]> broken = (call, headers) -> {
            throw Status.ABORTED.asRuntimeException();
        };
        assertThatThrownBy(() -> watch.start(new DeadCall(), new Metadata(), broken))
                .hasMessage("ABORTED");
        assertThat(ends).containsExactly(Status.Code.ABORTED);
    }

    @Test
    void shouldCountMessagesOfEachDirection() {
        ServerCall.Listener<byte[]> listener = start();
        listener.onMessage(new byte[1]);
        listener.onMessage(new byte[1]);
        watched.sendMessage(new byte[1]);
        assertThat(watch.received()).isEqualTo(2);
        assertThat(watch.sent()).isEqualTo(1);
    }
}
