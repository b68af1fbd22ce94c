package dev.sluice.proto.lint;

/** What becomes of a finding. */
public enum Severity {
    /** Nothing: it is not looked for. */
    OFF,
    /** It is told, and no build fails. */
    WARNING,
    /** It makes a build fail. */
    ERROR
}
