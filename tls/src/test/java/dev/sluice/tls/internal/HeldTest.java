package dev.sluice.tls.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.PooledBuffer;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldTest {
    private final BufferPool pool = BufferPool.builder().leakTracking(true).build();
    private final Held held = new Held();

    @AfterEach
    void shouldHaveGivenAllBack() {
        assertThat(pool.outstanding()).isEmpty();
    }

    @Test
    void shouldTakeNoBufferWhenThereIsNothingToHold() throws Exception {
        held.hold(ByteBuffer.allocate(0), pool::acquire);
        assertThat(held.isEmpty()).isTrue();
        assertThat(pool.outstandingBytes()).isZero();
        assertThat(held.moveTo(ByteBuffer.allocate(1))).isZero();
        held.trim();
        held.release();
    }

    @Test
    void shouldGiveTheBufferBackWithItsLastByte() throws Exception {
        held.hold(ByteBuffer.wrap(new byte[] {1, 2, 3}), pool::acquire);
        ByteBuffer out = ByteBuffer.allocate(2);
        assertThat(held.moveTo(out)).isEqualTo(2);
        assertThat(pool.outstandingBytes()).isPositive();
        assertThat(held.moveTo(out.clear())).isEqualTo(1);
        assertThat(held.isEmpty()).isTrue();
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldAddBehindWhatIsHeld() throws Exception {
        held.hold(ByteBuffer.wrap(new byte[] {1, 2, 3}), pool::acquire);
        held.bytes().get();
        ByteBuffer room = held.roomFor(100, pool::acquire);
        assertThat(room.remaining()).isEqualTo(100);
        room.put((byte) 4);
        held.filled();
        ByteBuffer larger = held.roomFor(5000, pool::acquire);
        assertThat(larger.remaining()).isEqualTo(5000);
        larger.put((byte) 5);
        held.filled();
        assertThat(pool.outstanding()).hasSize(1);
        ByteBuffer out = ByteBuffer.allocate(10);
        held.moveTo(out);
        assertThat(out.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3, 4, 5}));
    }

    @Test
    void shouldHoldNothingWhenNothingCame() throws Exception {
        held.roomFor(10, pool::acquire);
        held.filled();
        assertThat(held.isEmpty()).isTrue();
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldGiveItsBytesToAnotherOwner() throws Exception {
        held.hold(ByteBuffer.wrap(new byte[] {1}), pool::acquire);
        Held other = held.takeAll();
        assertThat(held.isEmpty()).isTrue();
        assertThat(other.bytes().get()).isEqualTo((byte) 1);
        other.trim();
    }

    @Test
    void shouldGiveBackAtOnceWhenTheBufferIsEmpty() throws Exception {
        PooledBuffer empty = pool.acquire(100);
        empty.buffer().limit(0);
        held.hold(empty);
        assertThat(held.isEmpty()).isTrue();
    }

    @Test
    void shouldGiveBackWhatIsConsumedInPlace() throws Exception {
        held.hold(ByteBuffer.wrap(new byte[] {1, 2, 3}), pool::acquire);
        held.bytes().get();
        held.trim();
        assertThat(held.isEmpty()).isFalse();
        held.bytes().position(3);
        held.trim();
        assertThat(held.isEmpty()).isTrue();
    }
}
