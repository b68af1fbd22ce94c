package dev.sluice.proto.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages are written {@code H:name}, {@code D:data}, {@code F:footer}, or {@code ?}. */
class ItemReaderTest {
    private static Part<String, String> part(String message) {
        String value = message.substring(message.indexOf(':') + 1);
        return switch (message.charAt(0)) {
            case 'H' -> Part.header(value);
            case 'D' -> Part.data(ByteString.copyFromUtf8(value));
            case 'F' -> Part.footer(value);
            default -> Part.unknown();
        };
    }

    private static ItemReader<String, String, String> reader(String... messages) {
        Queue<String> left = new ArrayDeque<>(List.of(messages));
        return new ItemReader<>(() -> Optional.ofNullable(left.poll()), ItemReaderTest::part);
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldReadTheOnlyItem() throws IOException {
        ItemReader<String, String, String> reader = reader("H:name", "D:ab", "D:", "D:c");

        assertThat(reader.onlyItem()).isEqualTo("name");
        assertThat(text(reader.data())).isEqualTo("abc");
        assertThat(reader.footer()).isEmpty();
        assertThat(reader.nextItem()).isEmpty();
    }

    @Test
    void shouldReadAnItemOfAHeaderOnly() throws IOException {
        ItemReader<String, String, String> reader = reader("H:name");

        assertThat(reader.onlyItem()).isEqualTo("name");
        assertThat(reader.nextData()).isEmpty();
        assertThat(reader.footer()).isEmpty();
    }

    @Test
    void shouldReadTheFooterBehindTheData() throws IOException {
        ItemReader<String, String, String> reader = reader("H:name", "D:ab", "F:crc");

        reader.onlyItem();

        assertThat(text(reader.data())).isEqualTo("ab");
        assertThat(reader.footer()).contains("crc");
    }

    @Test
    void shouldSkipDataThatIsNotWanted() throws IOException {
        ItemReader<String, String, String> reader = reader("H:name", "D:ab", "D:cd", "F:crc");

        reader.onlyItem();

        assertThat(reader.footer()).contains("crc");
        assertThat(reader.nextData()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'',              the stream ended before the header",
        "D:a,             data before the header",
        "D:,              data before the header",
        "F:a,             a footer before the header",
        "?,               a message that is neither header nor data",
        "H:a D:b H:c,     a second header within an item",
        "H:a H:b,         a second header within an item",
        "H:a ?,           a message that is neither header nor data",
        "H:a F:b D:c,     data after the footer",
        "H:a F:b F:c,     a footer after the footer",
        "H:a F:b H:c,     a second header after the footer",
    })
    void shouldRefuseWhatIsNotOneItem(String messages, String why) throws IOException {
        ItemReader<String, String, String> reader =
                reader(messages.isEmpty() ? new String[0] : messages.split(" ", -1));

        assertThatThrownBy(() -> {
                    reader.onlyItem();
                    reader.footer();
                })
                .isInstanceOf(ProtocolException.class)
                .hasMessage(why);
        assertThatThrownBy(reader::nextData).as("and ever after").isInstanceOf(ProtocolException.class);
        assertThatThrownBy(reader::nextItem).isInstanceOf(ProtocolException.class);
    }

    @Test
    void shouldDeliverTheDataBeforeItRefusesWhatFollows() throws IOException {
        ItemReader<String, String, String> reader = reader("H:a", "D:bc", "H:d");
        reader.onlyItem();

        assertThat(reader.data().readNBytes(2)).containsExactly('b', 'c');
        assertThatThrownBy(reader::nextData).hasMessageContaining("a second header");
    }

    @Test
    void shouldReadManyItems() throws IOException {
        ItemReader<String, String, String> reader =
                reader("H:a", "D:1", "D:2", "H:empty", "H:footed", "D:3", "F:end", "H:z", "D:4");

        assertThat(reader.nextItem()).contains("a");
        assertThat(text(reader.data())).isEqualTo("12");
        assertThat(reader.nextItem()).contains("empty");
        assertThat(text(reader.data())).isEmpty();
        assertThat(reader.nextItem()).contains("footed");
        assertThat(text(reader.data())).isEqualTo("3");
        assertThat(reader.footer()).contains("end");
        assertThat(reader.nextItem()).contains("z");
        assertThat(reader.footer()).as("of the item before").isEmpty();
        assertThat(reader.nextItem()).isEmpty();
        assertThat(reader.nextItem()).as("again").isEmpty();
    }

    @Test
    void shouldSkipTheRestOfAnItemWhenTheNextIsWanted() throws IOException {
        ItemReader<String, String, String> reader = reader("H:a", "D:1", "D:2", "H:b", "D:3");

        reader.nextItem();
        InputStream first = reader.data();
        assertThat(reader.nextItem()).contains("b");

        assertThat(text(first)).as("nothing of the second").isEmpty();
        assertThat(text(reader.data())).isEqualTo("3");
    }

    @Test
    void shouldBeEmptyWhenAStreamOfManyIs() throws IOException {
        ItemReader<String, String, String> reader = reader();

        assertThat(reader.nextItem()).isEmpty();
        assertThat(reader.nextData()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "D:a,             data before the header",
        "H:a F:b D:c,     data after the footer",
        "H:a F:b F:c,     a footer after the footer",
        "H:a ?,           a message that is neither header nor data",
    })
    void shouldRefuseWhatIsNotManyItems(String messages, String why) {
        ItemReader<String, String, String> reader = reader(messages.split(" ", -1));

        assertThatThrownBy(() -> {
                    while (reader.nextItem().isPresent()) {
                        reader.footer();
                    }
                })
                .isInstanceOf(ProtocolException.class)
                .hasMessage(why);
    }

    @Test
    void shouldNotTakeAFailureForTheEndOfAnItem() throws IOException {
        Queue<String> left = new ArrayDeque<>(List.of("H:a", "D:b"));
        ItemReader<String, String, String> reader = new ItemReader<>(
                () -> {
                    if (left.isEmpty()) {
                        throw new MessageStreamException(Status.CANCELLED);
                    }
                    return Optional.of(left.poll());
                },
                ItemReaderTest::part);
        reader.onlyItem();

        assertThat(reader.nextData()).contains(ByteString.copyFromUtf8("b"));
        assertThatThrownBy(reader::nextData).isInstanceOf(MessageStreamException.class);
        assertThatThrownBy(reader::footer).isInstanceOf(MessageStreamException.class);
        assertThatThrownBy(reader::nextItem).isInstanceOf(MessageStreamException.class);
    }

    @Test
    void shouldRefuseToTakeAStreamForASingleOneTooLate() throws IOException {
        ItemReader<String, String, String> reader = reader("H:a", "H:b");
        reader.nextItem();

        assertThatThrownBy(reader::onlyItem).isInstanceOf(IllegalStateException.class);
    }
}
