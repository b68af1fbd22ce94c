package dev.sluice.proto.lint;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the linter looks for, and how much it minds. Immutable.
 *
 * @param severities of the rules that are not to have their usual one; {@link Rule#ANNOTATION} has no other
 * @param imports whether the annotations of imported files are looked at, too. Conventions are for the sources only
 */
public record LintSettings(Map<Rule, Severity> severities, boolean imports) {
    /** All rules with their usual severity, imports included. */
    public static final LintSettings DEFAULT = new LintSettings(Map.of(), true);

    private static final String ALL_CONVENTIONS = "naming";
    private static final String IMPORTS = "imports";

    public LintSettings {
        severities = Map.copyOf(severities);
        if (severities.getOrDefault(Rule.ANNOTATION, Severity.ERROR) != Severity.ERROR) {
            throw new IllegalArgumentException("wrong annotations are always errors");
        }
    }

    /**
     * Reads settings as they are given to a plugin of protoc: {@code KEY=VALUE}, separated by commas, later ones over earlier ones.
     *
     * <p>A key is the {@linkplain Rule#id() name of a rule}, or {@code naming} for all conventions, and the value {@code off},
     * {@code warning} or {@code error}; or it is {@code imports}, and the value {@code on} or {@code off}. An empty text changes nothing.
     *
     * @throws IllegalArgumentException if the text is something else
     */
    public static LintSettings parse(String text) {
        Map<Rule, Severity> severities = new EnumMap<>(Rule.class);
        boolean imports = true;
        for (String setting : text.split(",", -1)) {
            if (setting.isBlank()) {
                continue;
            }
            String[] parts = setting.strip().split("=", 2);
            String value = parts.length == 2 ? parts[1] : "";
            if (parts[0].equals(IMPORTS)) {
                imports = choice(List.of("off", "on"), value, setting).equals("on");
            } else {
                List<Rule> rules = rules(parts[0]);
                String name = choice(List.of("off", "warning", "error"), value, setting);
                Severity severity = Severity.valueOf(name.toUpperCase(Locale.ROOT));
                rules.forEach(rule -> severities.put(rule, severity));
            }
        }
        return new LintSettings(severities, imports);
    }

    private static String choice(List<String> values, String value, String setting) {
        if (!values.contains(value)) {
            throw new IllegalArgumentException(
                    "'" + setting.strip() + "' is not a setting: the value is " + String.join(", ", values));
        }
        return value;
    }

    private static List<Rule> rules(String key) {
        List<Rule> conventions = Arrays.stream(Rule.values())
                .filter(rule -> rule != Rule.ANNOTATION)
                .toList();
        if (key.equals(ALL_CONVENTIONS)) {
            return conventions;
        }
        Optional<Rule> named =
                conventions.stream().filter(rule -> rule.id().equals(key)).findFirst();
        return List.of(named.orElseThrow(() ->
                new IllegalArgumentException("no setting is called '" + key + "': there are "
                        + IMPORTS + ", " + ALL_CONVENTIONS + ", "
                        + String.join(", ", conventions.stream().map(Rule::id).toList()))));
    }

    /** Returns how much a rule matters. */
    public Severity severity(Rule rule) {
        return severities.getOrDefault(rule, rule.usual());
    }
}
