package dev.sluice.tls.internal;

import dev.sluice.nio.PooledBuffer;
import dev.sluice.tls.internal.EngineDriver.Step;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Turns records into plaintext for readers whose buffers may be smaller than a record: what does not fit waits. Owned by one thread. */
final class Unwrapping {
    private final EngineDriver driver;
    private final Held plain;
    private final Held.Lender lender;

    /**
     * Creates it.
     *
     * @param plain where plaintext waits; whoever calls reads that first
     */
    Unwrapping(EngineDriver driver, Held plain, Held.Lender lender) {
        this.driver = driver;
        this.plain = plain;
        this.lender = lender;
    }

    /**
     * Does as {@link EngineDriver#unwrap} does, but never for want of room in {@code dst}.
     *
     * @param beforeWrap whether to go on although the engine has something to say, as {@link EngineDriver#unwrapBeforeWrap} does
     */
    Step unwrap(ByteBuffer net, ByteBuffer dst, boolean beforeWrap) throws IOException {
        int begin = dst.position();
        Step step = drive(net, dst, beforeWrap);
        if (step != Step.NEED_ROOM || dst.position() > begin) {
            return step;
        }
        PooledBuffer room = lender.acquire(driver.maxPlaintextBytes());
        try {
            step = drive(net, room.buffer(), beforeWrap);
        } catch (IOException | RuntimeException e) {
            room.release();
            throw e;
        }
        room.buffer().flip();
        plain.hold(room);
        plain.moveTo(dst);
        return step;
    }

    private Step drive(ByteBuffer net, ByteBuffer dst, boolean beforeWrap) throws IOException {
        return beforeWrap ? driver.unwrapBeforeWrap(net, dst) : driver.unwrap(net, dst);
    }
}
