package dev.sluice.proto.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes into messages and out of them. */
class MessageBytesTest {
    private static final int PIECE = 131_072;

    private final List<BytesValue> messages = new ArrayList<>();
    private final MessageOutputStream out = new MessageOutputStream(messages::add, BytesValue::of);

    private MessageInputStream in() {
        Queue<BytesValue> left = new ArrayDeque<>(messages);
        return new MessageInputStream(() -> Optional.ofNullable(left.poll()).map(BytesValue::getValue));
    }

    private static MessageInputStream in(String... messages) {
        Queue<String> left = new ArrayDeque<>(List.of(messages));
        return new MessageInputStream(() -> Optional.ofNullable(left.poll()).map(ByteString::copyFromUtf8));
    }

    private List<Integer> sizes() {
        return messages.stream().map(message -> message.getValue().size()).toList();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void shouldCutLargeWritesIntoPieces() throws IOException {
        byte[] bytes = random(2 * PIECE + 1);
        out.write(bytes);
        out.write(ByteString.copyFrom(bytes));
        out.write(bytes, 1, PIECE);

        assertThat(sizes()).containsExactly(PIECE, PIECE, 1, PIECE, PIECE, 1, PIECE);
        assertThat(out.bytesSent()).isEqualTo(5L * PIECE + 2);
        assertThat(in().readNBytes(bytes.length)).isEqualTo(bytes);
    }

    @Test
    void shouldSendEveryWriteAtOnceAndNothingForAnEmptyOne() throws IOException {
        out.write(1);
        out.write(new byte[0]);
        out.write(ByteString.EMPTY);
        out.write(new byte[] {2, 3});

        assertThat(sizes()).containsExactly(1, 2);
        assertThat(in().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldCountWhatWasSentBeforeAFailure() {
        List<BytesValue> taken = new ArrayList<>();
        MessageOutputStream broken = new MessageOutputStream(
                message -> {
                    if (taken.size() == 2) {
                        throw new MessageStreamException(Status.CANCELLED.withDescription("gone"));
                    }
                    taken.add(message);
                },
                BytesValue::of);

        assertThatThrownBy(() -> broken.write(new byte[3 * PIECE])).hasMessage("CANCELLED: gone");
        assertThat(broken.bytesSent()).isEqualTo(2L * PIECE);
    }

    @Test
    void shouldNotSendBytesThatTheWriterChangesLater() throws IOException {
        byte[] bytes = {1};
        out.write(bytes);
        bytes[0] = 2;

        assertThat(in().read()).isEqualTo(1);
    }

    @Test
    void shouldRefuseToWriteOrReadWhenClosed() throws IOException {
        out.close();
        MessageInputStream in = in("x");
        in.close();

        assertThatThrownBy(() -> out.write(1)).hasMessageContaining("closed");
        assertThatThrownBy(in::read).hasMessageContaining("closed");
        assertThat(messages).isEmpty();
    }

    @Test
    void shouldPassOverEmptyMessages() throws IOException {
        assertThat(new String(in("", "a", "", "", "bc", "").readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("abc");
        MessageInputStream in = in("", "a", "", "b", "");
        assertThat(in.read()).isEqualTo('a');
        assertThat(in.read(new byte[9])).as("not zero").isEqualTo(1);
        assertThat(in.read(new byte[9])).isEqualTo(-1);
    }

    @Test
    void shouldHandOutWhatIsThereBeforeItAsksForMore() throws IOException {
        MessageInputStream in = in("abc", "d");
        byte[] bytes = new byte[10];

        assertThat(in.read(bytes, 4, 2)).isEqualTo(2);
        assertThat(in.available()).isEqualTo(1);
        assertThat(in.read(bytes, 6, 4)).isEqualTo(1);
        assertThat(in.read(bytes, 0, 0)).isZero();
        assertThat(bytes).startsWith(0, 0, 0, 0, 'a', 'b', 'c', 0);
        assertThat(in.read()).isEqualTo('d');
    }

    @Test
    void shouldKeepToTheEndOnceItWasSeen() throws IOException {
        List<Optional<ByteString>> answers =
                new ArrayList<>(List.of(Optional.empty(), Optional.of(ByteString.copyFromUtf8("late"))));
        MessageInputStream in = new MessageInputStream(() -> answers.remove(0));

        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(new byte[1])).isEqualTo(-1);
        assertThat(in.readAllBytes()).isEmpty();
    }

    @Test
    void shouldDeliverTheDataBeforeTheFailure() throws IOException {
        Queue<String> left = new ArrayDeque<>(List.of("ab"));
        MessageInputStream in = new MessageInputStream(() -> {
            if (left.isEmpty()) {
                throw new MessageStreamException(Status.UNAVAILABLE);
            }
            return Optional.of(ByteString.copyFromUtf8(left.poll()));
        });

        assertThat(in.read(new byte[10])).isEqualTo(2);
        assertThatThrownBy(in::read).isInstanceOf(MessageStreamException.class);
        assertThatThrownBy(in::read).as("again").isInstanceOf(MessageStreamException.class);
    }

    @Test
    void shouldYieldEveryByteAsItWas() throws IOException {
        byte[] bytes = random(300);
        for (byte b : bytes) {
            out.write(b);
        }
        MessageInputStream in = in();
        for (byte b : bytes) {
            assertThat((byte) in.read()).isEqualTo(b);
        }
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void shouldMoveTheRestWhenTransferred() throws IOException {
        MessageInputStream in = in("abc", "", "def");
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        in.read();

        assertThat(in.transferTo(target)).isEqualTo(5);
        assertThat(target.toString(StandardCharsets.UTF_8)).isEqualTo("bcdef");
        assertThat(in.read()).isEqualTo(-1);
    }
}
