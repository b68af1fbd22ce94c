package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MemoryConnectionTest extends ConnectionContract {
    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("contract");
    }

    /** More than the pipe has room for, less than the view takes besides. */
    @Test
    void shouldDeliverWhatThreadsWroteWhenTheLoopCloses() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().run(Connection::pauseReading);
        ByteStream stream = harness().closedAfterwards(pair.server().blocking());
        Payload payload = new Payload(1, 400 << 10);
        stream.write(ByteBuffer.wrap(payload.bytes()));
        pair.server().close();
        pair.client().run(Connection::resumeReading);
        pair.client().recorder().awaitEnd();
        assertThat(pair.client().recorder().receivedHead()).isEqualTo(payload.bytes());
    }

    /** One by one they would each take a buffer of the pool, and soon all that may wait. */
    @Test
    void shouldTakeManySmallWritesOfAThreadInTheRoomOfAFewLarge() throws Exception {
        ConnectionPair pair = harness().open();
        pair.client().run(Connection::pauseReading);
        ByteStream stream = harness().closedAfterwards(pair.server().blocking());
        Payload payload = new Payload(2, 50_000);
        ByteBuffer bytes = ByteBuffer.wrap(payload.bytes());
        Worker<Void> writer = Worker.start(() -> {
            while (bytes.position() < bytes.capacity()) {
                stream.write(bytes.limit(bytes.position() + 1));
            }
            return null;
        });
        writer.join();
        pair.client().run(Connection::resumeReading);
        pair.client().recorder().awaitReceived(payload.length());
        assertThat(pair.client().recorder().receivedSha256()).isEqualTo(payload.sha256());
    }
}
