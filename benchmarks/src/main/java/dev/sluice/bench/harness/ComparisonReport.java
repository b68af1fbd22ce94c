package dev.sluice.bench.harness;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table for each test, in each of the settings that were measured, as text for people and JSON for programs.
 *
 * @param benchmark its name
 * @param environment what it was measured on
 * @param settingName what the settings are of, in JSON
 * @param bySetting results, in the order of the report
 * @param referenceName whom ratios refer to, for people
 */
public record ComparisonReport<
        S extends Contender & Comparable<? super S>, T extends TitledTest & Comparable<? super T>>(
        String benchmark,
        Map<String, String> environment,
        String settingName,
        Map<String, ComparedResults<S, T>> bySetting,
        String referenceName) {
    private static final int RATIO_DECIMALS = 2;

    /** Returns the text. */
    public String text() {
        StringBuilder text = new StringBuilder(Environment.format(environment));
        bySetting.forEach((setting, results) -> {
            for (T test : results.tests()) {
                text.append(System.lineSeparator())
                        .append(setting)
                        .append(", ")
                        .append(test.title())
                        .append(System.lineSeparator())
                        .append(table(results, test));
            }
        });
        return text.append(System.lineSeparator())
                .append("median [min-max] of the rounds; x: ratio to " + referenceName + ", round by round")
                .append(System.lineSeparator())
                .toString();
    }

    private TextTable table(ComparedResults<S, T> results, T test) {
        List<Metric> metrics = results.metrics(test);
        List<String> heads = new ArrayList<>(List.of("server"));
        for (Metric metric : metrics) {
            heads.add(metric.head());
            if (metric.hasRatio()) {
                heads.add("x");
            }
        }
        TextTable table = new TextTable(heads);
        for (S peer : results.servers(test)) {
            List<String> cells = new ArrayList<>(List.of(peer.label()));
            for (Metric metric : metrics) {
                addCells(cells, results, peer, test, metric);
            }
            table.add(cells);
        }
        return table;
    }

    /** What has no ratio is background: its spread is left to the JSON. */
    private void addCells(List<String> cells, ComparedResults<S, T> results, S peer, T test, Metric metric) {
        Spread spread = results.spread(peer, test, metric).scaled(metric.scale());
        if (!metric.hasRatio()) {
            cells.add(spread.formatMedian(metric.decimals()));
            return;
        }
        cells.add(spread.format(metric.decimals()));
        Optional<Spread> ratio = results.ratio(peer, test, metric);
        cells.add(ratio.map(r -> r.format(RATIO_DECIMALS)).orElse("-"));
    }

    /** Writes the JSON. */
    public void writeJson(Path file) throws IOException {
        JsonReport.write(file, benchmark, environment, json -> {
            for (Map.Entry<String, ComparedResults<S, T>> entry : bySetting.entrySet()) {
                ComparedResults<S, T> results = entry.getValue();
                for (T test : results.tests()) {
                    for (S peer : results.servers(test)) {
                        json.writeStartObject();
                        json.writeStringField(settingName, entry.getKey());
                        writeResult(json, results, peer, test);
                        json.writeEndObject();
                    }
                }
            }
        });
    }

    private void writeResult(JsonGenerator json, ComparedResults<S, T> results, S peer, T test) throws IOException {
        json.writeStringField("server", peer.label());
        json.writeStringField("test", test.title());
        for (Metric metric : results.metrics(test)) {
            json.writeObjectFieldStart(metric.jsonName());
            JsonReport.writeRounds(json, results.spread(peer, test, metric), results.rounds(peer, test, metric));
            Optional<Spread> ratio = results.ratio(peer, test, metric);
            if (ratio.isPresent()) {
                json.writeObjectFieldStart("ratio");
                json.writeStringField(
                        "to", results.reference(test, metric).orElseThrow().label());
                JsonReport.writeSpread(json, ratio.get());
                json.writeEndObject();
            }
            json.writeEndObject();
        }
    }
}
