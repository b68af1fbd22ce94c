package dev.sluice.proto.stream;

import com.google.protobuf.ByteString;

/**
 * What one message brings of an item: usually a case of {@code oneof payload { Header header = 1; bytes data = 2; }}. Immutable.
 *
 * @param <H> headers
 * @param <F> footers; {@code Void} where there are none
 */
public sealed interface Part<H, F> {
    /** Begins an item. */
    record Header<H, F>(H header) implements Part<H, F> {}

    /** More of its content. */
    record Data<H, F>(ByteString bytes) implements Part<H, F> {}

    /** Ends it, where items have footers. */
    record Footer<H, F>(F footer) implements Part<H, F> {}

    /** None of these, as a message in which no case is set. */
    record Unknown<H, F>() implements Part<H, F> {}

    /** Returns a header. */
    static <H, F> Part<H, F> header(H header) {
        return new Header<>(header);
    }

    /** Returns content. */
    static <H, F> Part<H, F> data(ByteString bytes) {
        return new Data<>(bytes);
    }

    /** Returns a footer. */
    static <H, F> Part<H, F> footer(F footer) {
        return new Footer<>(footer);
    }

    /** Returns what is none of these. */
    static <H, F> Part<H, F> unknown() {
        return new Unknown<>();
    }
}
