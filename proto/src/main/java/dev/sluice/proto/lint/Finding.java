package dev.sluice.proto.lint;

/**
 * Something that the linter found. Immutable.
 *
 * @param severity warning or error
 * @param file name of the file, as others import it
 * @param element what in the file, as in {@code service "S": method: "M"}
 * @param reason what is wrong with it
 */
public record Finding(Rule rule, Severity severity, String file, String element, String reason) {
    /** Returns one line for a person: file, element and reason; of a convention also the rule's name, to switch it off by. */
    public String text() {
        String text = file + ": " + element + ": " + reason;
        return rule == Rule.ANNOTATION ? text : text + " [" + rule.id() + "]";
    }
}
