package dev.sluice.proto.stream;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * Packs many small items into few messages, each with a repeated field of items:
 *
 * <pre>{@code
 * Chunker<Item> chunker = Chunker.ofMessages(items -> sender.send(Answer.newBuilder().addAllItems(items).build()));
 * for (Item item : items) {
 *     chunker.send(item);
 * }
 * chunker.flush();
 * }</pre>
 *
 * <p>A chunk has less than {@value #CHUNK_BYTES} bytes of items, not counting what their encoding adds; only an item that is as large itself
 * makes a larger one, alone. It has at most {@value #CHUNK_ITEMS} items, so that what the encoding adds (8 bytes for each at most) leaves the
 * message below gRPC's 4 MiB. Empty chunks are not sent, and empty items are not lost.
 *
 * <p><b>Threading:</b> one thread at a time.
 *
 * @param <T> items
 */
public final class Chunker<T> {
    /** At this size of the items together a chunk is too large. */
    public static final int CHUNK_BYTES = 1 << 20;
    /** The most items of a chunk. */
    public static final int CHUNK_ITEMS = 1 << 18;

    private final ToIntFunction<? super T> size;
    private final MessageSink<? super List<T>> chunks;
    private final List<T> items = new ArrayList<>();
    private long bytes;

    /**
     * Creates a chunker for items of any kind.
     *
     * @param size of an item in the message, in bytes
     * @param chunks sends a message with the items of a list that does not change, and is not empty
     */
    public Chunker(ToIntFunction<? super T> size, MessageSink<? super List<T>> chunks) {
        this.size = Objects.requireNonNull(size, "size");
        this.chunks = Objects.requireNonNull(chunks, "chunks");
    }

    /** Creates a chunker for items that are messages. */
    public static <T extends MessageLite> Chunker<T> ofMessages(MessageSink<? super List<T>> chunks) {
        return new Chunker<>(MessageLite::getSerializedSize, chunks);
    }

    /** Adds an item, after sending those before it if it does not fit with them. */
    public void send(T item) throws IOException {
        int itemBytes = size.applyAsInt(item);
        if (bytes + itemBytes >= CHUNK_BYTES || items.size() == CHUNK_ITEMS) {
            flush();
        }
        items.add(item);
        bytes += itemBytes;
    }

    /** Sends the items that wait. To be called after the last one. */
    public void flush() throws IOException {
        if (items.isEmpty()) {
            return;
        }
        List<T> chunk = List.copyOf(items);
        items.clear();
        bytes = 0;
        chunks.send(chunk);
    }
}
