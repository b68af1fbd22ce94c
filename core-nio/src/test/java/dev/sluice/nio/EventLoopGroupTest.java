package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopGroupTest {
    private final EventLoopGroup group = EventLoopGroup.of(1);

    /** Counts how often it was closed. */
    private record Room(AtomicInteger closes) implements AutoCloseable {
        Room() {
            this(new AtomicInteger());
        }

        @Override
        public void close() {
            closes.incrementAndGet();
        }
    }

    @AfterEach
    void close() {
        group.close();
    }

    @Test
    void shouldShareOneOfEachType() {
        Room room = group.shared(Room.class, Room::new);
        assertThat(group.shared(Room.class, Room::new)).isSameAs(room);
        assertThat(room.closes()).hasValue(0);
        group.close();
        assertThat(room.closes()).hasPositiveValue();
    }

    @Test
    void shouldCloseWhatIsSharedOnlyAfterTheEnd() {
        group.close();
        assertThat(group.shared(Room.class, Room::new).closes()).hasPositiveValue();
    }

    @Test
    void shouldCloseWhatIsSharedAlthoughAnotherFails() {
        AutoCloseable failing = () -> {
            throw new IllegalStateException("expected by the test");
        };
        group.shared(AutoCloseable.class, () -> failing);
        Room room = group.shared(Room.class, Room::new);
        group.close();
        assertThat(room.closes()).hasPositiveValue();
        assertThat(group.loops()).allMatch(loop -> !loop.post(() -> {}));
    }
}
