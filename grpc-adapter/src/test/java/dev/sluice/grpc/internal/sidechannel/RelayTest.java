package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which step fails, and how that is told. */
class RelayTest {
    /** Has nothing to say, and fails at the methods that are named. One whose bytes are awaited says them when it is closed or cut. */
    private static ByteStream stream(boolean awaited, String... failing) {
        CountDownLatch over = new CountDownLatch(awaited ? 1 : 0);
        Set<String> names = Set.of(failing);
        return (ByteStream) Proxy.newProxyInstance(
                RelayTest.class.getClassLoader(), new Class<?>[] {ByteStream.class}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    if (names.contains(name)) {
                        throw new TransportException(Reason.RESET, "broken");
                    }
                    if (name.equals("close") || name.equals("abort")) {
                        over.countDown();
                    }
                    if (name.equals("transferTo")) {
                        over.await();
                        return 0L;
                    }
                    return null;
                });
    }

    private static void relay(ByteStream upstream, ByteStream downstream) throws TransportException {
        new Relay(upstream, downstream).run(task -> new Thread(task).start());
    }

    @ParameterizedTest
    @CsvSource({
        "copy to upstream, downstream, transferTo",
        "closewrite upstream, upstream, shutdownOutput",
        "copy to downstream, upstream, transferTo",
        "close downstream, downstream, shutdownOutput"
    })
    void shouldSayWhichStepFailed(String step, String failingSide, String failing) {
        boolean requests = step.endsWith("upstream");
        ByteStream upstream = failingSide.equals("upstream") ? stream(requests, failing) : stream(requests);
        ByteStream downstream = failingSide.equals("downstream") ? stream(!requests, failing) : stream(!requests);
        assertThatThrownBy(() -> relay(upstream, downstream)).hasMessage(step + ": broken");
    }

    @Test
    void shouldNotWaitForTheClientWhenTheServerHasEnded() {
        assertThatCode(() -> relay(stream(false), stream(true))).doesNotThrowAnyException();
    }

    @Test
    void shouldFailWhenThereIsNoSecondThread() {
        assertThatThrownBy(() -> new Relay(stream(true), stream(true)).run(task -> {
                    throw new RejectedExecutionException("busy");
                }))
                .hasMessage("copy to upstream: busy");
    }
}
