package dev.sluice.proto.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static final int CHUNK = 1 << 20;

    private final List<List<byte[]>> chunks = new ArrayList<>();
    private final Chunker<byte[]> chunker = new Chunker<>(item -> item.length, chunks::add);

    private void send(int... sizes) throws IOException {
        for (int size : sizes) {
            chunker.send(new byte[size]);
        }
    }

    private List<List<Integer>> sizes() {
        return chunks.stream()
                .map(chunk -> chunk.stream().map(item -> item.length).toList())
                .toList();
    }

    @Test
    void shouldHoldItemsBackUntilTheNextDoesNotFit() throws IOException {
        send(CHUNK / 2, CHUNK / 2 - 1);
        assertThat(chunks).isEmpty();

        send(1);
        assertThat(sizes()).containsExactly(List.of(CHUNK / 2, CHUNK / 2 - 1));

        chunker.flush();
        assertThat(sizes()).containsExactly(List.of(CHUNK / 2, CHUNK / 2 - 1), List.of(1));
    }

    @Test
    void shouldSendNothingWhenThereIsNothing() throws IOException {
        chunker.flush();
        send(1);
        chunker.flush();
        chunker.flush();

        assertThat(sizes()).containsExactly(List.of(1));
    }

    @Test
    void shouldSendNoEmptyChunkBeforeALargeItem() throws IOException {
        send(CHUNK, CHUNK + 1, CHUNK - 1, 1);
        chunker.flush();

        assertThat(sizes()).containsExactly(List.of(CHUNK), List.of(CHUNK + 1), List.of(CHUNK - 1), List.of(1));
    }

    @Test
    void shouldKeepEmptyItemsInTheirPlace() throws IOException {
        send(0, 0, 7, 0);
        chunker.flush();
        send(0);
        chunker.flush();

        assertThat(sizes()).containsExactly(List.of(0, 0, 7, 0), List.of(0));
    }

    @Test
    void shouldBoundTheItemsWhenTheyHaveNoSize() throws IOException {
        int limit = 1 << 18;
        for (int i = 0; i <= limit; i++) {
            chunker.send(new byte[0]);
        }

        assertThat(chunks).hasSize(1);
        assertThat(chunks.get(0)).hasSize(limit);
    }

    @Test
    void shouldMeasureMessagesAsTheyAreEncoded() throws IOException {
        BytesValue item = BytesValue.of(ByteString.copyFrom(new byte[1000])); // and a tag, and a length of two bytes
        List<List<BytesValue>> messages = new ArrayList<>();
        Chunker<BytesValue> packed = Chunker.ofMessages(messages::add);
        for (BytesValue each : Collections.nCopies(1046, item)) {
            packed.send(each);
        }
        packed.flush();

        assertThat(messages).extracting(List::size).containsExactly(1045, 1);
    }

    @Test
    void shouldHandOutChunksThatDoNotChange() throws IOException {
        send(1);
        chunker.flush();
        send(2);

        assertThat(sizes()).containsExactly(List.of(1));
    }

    @Test
    void shouldFailWhereTheSinkDoes() throws IOException {
        Chunker<byte[]> broken = new Chunker<>(item -> item.length, chunk -> {
            throw new MessageStreamException(Status.CANCELLED);
        });
        broken.send(new byte[1]);

        assertThatThrownBy(broken::flush).isInstanceOf(MessageStreamException.class);
    }
}
