package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.yamux.YamuxConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StreamTableTest {
    @Property(tries = 200)
    void shouldHoldWhatAMapHolds(@ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int steps) {
        Random random = new Random(seed);
        StreamTable table = new StreamTable();
        Map<Long, YamuxStream> map = new HashMap<>();
        for (int step = 0; step < steps; step++) {
            long id = Integer.toUnsignedLong(random.nextInt(64) * (random.nextBoolean() ? 1 : 0x1000_0001));
            if (map.containsKey(id)) {
                table.remove(map.remove(id));
            } else {
                YamuxStream stream = stream(id);
                table.add(stream);
                map.put(id, stream);
            }
            assertThat(table.find(id)).isSameAs(map.get(id));
        }
        map.forEach((id, stream) -> assertThat(table.find(id)).isSameAs(stream));
        assertThat(table.all()).containsExactlyInAnyOrderElementsOf(map.values());
    }

    private static YamuxStream stream(long id) {
        YamuxSession session = new DrivenSession(Role.CLIENT).session;
        ReceiveWindow window = new ReceiveWindow(new MemoryBudget(0), 0, YamuxConfig.PROTOCOL_WINDOW_BYTES, 0);
        YamuxStream stream = new YamuxStream(session, true, window, 0);
        stream.assignId(id);
        return stream;
    }
}
