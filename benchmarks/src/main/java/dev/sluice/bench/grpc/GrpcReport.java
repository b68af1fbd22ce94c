package dev.sluice.bench.grpc;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.JsonReport;
import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.Spread;
import dev.sluice.bench.harness.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results as text for people, the ratios first, and JSON for programs. */
final class GrpcReport {
    private static final int RATIO_DECIMALS = 2;

    private final Map<String, String> environment;
    private final GrpcResults results;

    GrpcReport(Map<String, String> environment, GrpcResults results) {
        this.environment = environment;
        this.results = results;
    }

    String text() {
        StringBuilder text = new StringBuilder(Environment.format(environment));
        for (GrpcVariant server : results.servers()) {
            List<GrpcVariant> references = results.references(server);
            if (!references.isEmpty()) {
                addTable(text, server.label() + ": ratios to the same executor of", ratios(server, references));
            }
        }
        for (GrpcTest test : GrpcTest.values()) {
            addTable(text, test.title(), table(test));
        }
        return text.append(System.lineSeparator())
                .append(
                        "median [min-max] of the rounds; ratios are taken round by round; a server load near 1 says that the")
                .append(" server was the limit, and not the client")
                .append(System.lineSeparator())
                .toString();
    }

    private static void addTable(StringBuilder text, String title, TextTable table) {
        text.append(System.lineSeparator())
                .append(title)
                .append(System.lineSeparator())
                .append(table);
    }

    private TextTable ratios(GrpcVariant server, List<GrpcVariant> references) {
        List<String> heads = new ArrayList<>(List.of("", "better is"));
        references.forEach(reference -> heads.add(reference.peer().label()));
        TextTable table = new TextTable(heads);
        for (GrpcTest test : GrpcTest.values()) {
            for (Metric metric : results.metrics(test)) {
                if (metric.hasRatio()) {
                    List<String> cells = new ArrayList<>();
                    cells.add(test.title() + ", " + metric.head());
                    cells.add(metric.isBetter(2, 1) ? "more" : "less");
                    for (GrpcVariant reference : references) {
                        cells.add(results.ratio(server, reference, test, metric).format(RATIO_DECIMALS));
                    }
                    table.add(cells);
                }
            }
        }
        return table;
    }

    /** What has no ratio is background: its spread is left to the JSON. */
    private TextTable table(GrpcTest test) {
        List<Metric> metrics = results.metrics(test);
        List<String> heads = new ArrayList<>(List.of("server"));
        metrics.forEach(metric -> heads.add(metric.head()));
        TextTable table = new TextTable(heads);
        for (GrpcVariant server : results.servers()) {
            List<String> cells = new ArrayList<>(List.of(server.label()));
            for (Metric metric : metrics) {
                Spread spread = results.spread(server, test, metric).scaled(metric.scale());
                cells.add(
                        metric.hasRatio() ? spread.format(metric.decimals()) : spread.formatMedian(metric.decimals()));
            }
            table.add(cells);
        }
        return table;
    }

    void writeJson(Path file) throws IOException {
        JsonReport.write(file, "grpc", environment, json -> {
            for (GrpcVariant server : results.servers()) {
                for (GrpcTest test : GrpcTest.values()) {
                    writeResult(json, server, test);
                }
            }
        });
    }

    private void writeResult(JsonGenerator json, GrpcVariant server, GrpcTest test) throws IOException {
        json.writeStartObject();
        json.writeStringField("server", server.peer().label());
        json.writeStringField("executor", server.executor().label());
        json.writeStringField("test", test.name().toLowerCase(Locale.ROOT));
        json.writeNumberField("connections", test.connections());
        json.writeNumberField("calls", test.calls());
        for (Metric metric : results.metrics(test)) {
            json.writeObjectFieldStart(metric.jsonName());
            JsonReport.writeRounds(json, results.spread(server, test, metric), results.rounds(server, test, metric));
            if (metric.hasRatio()) {
                writeRatios(json, server, test, metric);
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void writeRatios(JsonGenerator json, GrpcVariant server, GrpcTest test, Metric metric) throws IOException {
        json.writeObjectFieldStart("ratios");
        for (GrpcVariant reference : results.references(server)) {
            json.writeObjectFieldStart(reference.peer().label());
            JsonReport.writeSpread(json, results.ratio(server, reference, test, metric));
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
