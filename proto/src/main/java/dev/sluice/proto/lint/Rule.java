package dev.sluice.proto.lint;

import java.util.Locale;

/** What the linter looks for. Only the first is about annotations and always an error; the others are conventions of naming and design. */
public enum Rule {
    /** Every method is annotated rightly: it says what it does, and its request names what it does it to. */
    ANNOTATION(Severity.ERROR),
    /** The request of the method M is called MRequest. */
    REQUEST_NAME(Severity.WARNING),
    /** The response of the method M is called MResponse, unless it is never sent ({@code sluice.byte_stream}). */
    RESPONSE_NAME(Severity.WARNING),
    /** What is called Get, List or Is reads; what is called Create, Update or Delete writes. */
    VERB_EFFECT(Severity.WARNING),
    /** What is called List streams its response. */
    LIST_STREAM(Severity.WARNING),
    /** What is called Is answers with one bool. */
    IS_BOOL(Severity.WARNING),
    /** In a streamed message that has both, a header (a message) and data (bytes) exclude each other: one oneof has them. */
    HEADER_DATA(Severity.WARNING),
    /** Every method, message and field has a comment above it. Nothing is found where descriptors come without comments. */
    COMMENT(Severity.WARNING);

    private final Severity usual;

    Rule(Severity usual) {
        this.usual = usual;
    }

    /** Returns the severity of the rule unless it is told otherwise. */
    public Severity usual() {
        return usual;
    }

    /** Returns the name of the rule in settings and texts, as in {@code list-stream}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
