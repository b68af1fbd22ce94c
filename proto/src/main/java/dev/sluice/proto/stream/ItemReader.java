package dev.sluice.proto.stream;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads large items from a stream of messages: each is a header, then data, then a footer where there is one.
 *
 * <pre>{@code
 * ItemReader<Download, Header, Void> reader = new ItemReader<>(messages, message -> switch (message.getPayloadCase()) {
 *     case HEADER -> Part.header(message.getHeader());
 *     case DATA -> Part.data(message.getData());
 *     case PAYLOAD_NOT_SET -> Part.unknown();
 * });
 * Header header = reader.onlyItem();
 * reader.data().transferTo(out);
 * }</pre>
 *
 * <p>A stream of one item ({@link #onlyItem}) has exactly one header, in its first message. In a stream of many ({@link #nextItem}) each header
 * ends the item before it. Anything else throws {@link ProtocolException}, then and ever after, and so does a message that is none of the
 * three parts. An item is complete only when its end was seen: what a call that fails cuts short ends in its exception, after all data that
 * came.
 *
 * <p><b>Threading:</b> one thread at a time.
 *
 * @param <M> messages
 * @param <H> headers
 * @param <F> footers
 */
public final class ItemReader<M, H, F> {
    /** What has been read. */
    private enum Position {
        /** Nothing. */
        START("before the header"),
        /** A header that belongs to the next item. */
        HEADER("before the header"),
        /** A header, and maybe data. */
        ITEM("within an item"),
        /** A footer. */
        FOOTER("after the footer"),
        /** Everything. */
        END("after the end"),
        /** What should not have come. */
        BROKEN("after a fault");

        private final String text;

        Position(String text) {
            this.text = text;
        }
    }

    private final MessageSource<M> messages;
    private final Function<? super M, Part<H, F>> parts;
    private Position position = Position.START;
    private boolean single;
    private long items;
    private Optional<H> header = Optional.empty();
    private Optional<F> footer = Optional.empty();

    /** @param parts tells what a message brings */
    public ItemReader(MessageSource<M> messages, Function<? super M, Part<H, F>> parts) {
        this.messages = Objects.requireNonNull(messages, "messages");
        this.parts = Objects.requireNonNull(parts, "parts");
    }

    /**
     * Waits for the header of a stream of one item. From here on, a second header is refused.
     *
     * @throws ProtocolException if the stream has no item
     * @throws IllegalStateException unless this is the first call
     */
    public H onlyItem() throws IOException {
        if (position != Position.START) {
            throw new IllegalStateException("the stream has been read from already");
        }
        single = true;
        return nextItem().orElseThrow(() -> broken("the stream ended before the header"));
    }

    /** Waits for the next item and returns its header; empty at the end. What is left of the item before is skipped. */
    public Optional<H> nextItem() throws IOException {
        skip();
        if (position == Position.START || position == Position.FOOTER) {
            advance();
        }
        if (position != Position.HEADER) {
            return Optional.empty();
        }
        position = Position.ITEM;
        items++;
        footer = Optional.empty();
        Optional<H> next = header;
        header = Optional.empty();
        return next;
    }

    /** Waits for more data of the current item, which is never empty data; returns empty at the end of the item, or without one. */
    public Optional<ByteString> nextData() throws IOException {
        requireSound();
        while (position == Position.ITEM) {
            ByteString bytes = advance();
            if (!bytes.isEmpty()) {
                return Optional.of(bytes);
            }
        }
        return Optional.empty();
    }

    /** Returns the data of the current item as a stream, which ends with the item. */
    public InputStream data() {
        long item = items;
        return new MessageInputStream(() -> item == items ? nextData() : Optional.empty());
    }

    /** Waits for the end of the current item and returns its footer, if it has one. What is left of its data is skipped. */
    public Optional<F> footer() throws IOException {
        skip();
        return footer;
    }

    private void skip() throws IOException {
        while (nextData().isPresent()) {
            // It is not wanted.
        }
    }

    /** Takes in one message, and the end after it where it must be there. Returns the data that it brought. */
    private ByteString advance() throws IOException {
        Optional<M> message = messages.next();
        if (message.isEmpty()) {
            position = Position.END;
            return ByteString.EMPTY;
        }
        Part<H, F> part = parts.apply(message.get());
        if (part instanceof Part.Data<H, F> data) {
            require(position == Position.ITEM, "data");
            return data.bytes();
        }
        if (part instanceof Part.Header<H, F> begin) {
            require(position == Position.START || !single, "a second header");
            header = Optional.of(begin.header());
            position = Position.HEADER;
        } else if (part instanceof Part.Footer<H, F> end) {
            require(position == Position.ITEM, "a footer");
            footer = Optional.of(end.footer());
            position = Position.FOOTER;
            if (single) {
                advance();
            }
        } else {
            throw broken("a message that is neither header nor data");
        }
        return ByteString.EMPTY;
    }

    private void require(boolean expected, String what) throws ProtocolException {
        if (!expected) {
            throw broken(what + " " + position.text);
        }
    }

    private void requireSound() throws ProtocolException {
        if (position == Position.BROKEN) {
            throw broken("the stream was malformed before");
        }
    }

    private ProtocolException broken(String why) {
        position = Position.BROKEN;
        return new ProtocolException(why);
    }
}
