package dev.sluice.bench.echo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.bench.harness.Spread;
import dev.sluice.bench.harness.TextTable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results as text for people and JSON for programs. */
final class EchoReport {
    private static final int RATIO_DECIMALS = 2;

    private final Map<String, String> environment;
    private final Map<String, EchoResults> byTransport;

    EchoReport(Map<String, String> environment, Map<String, EchoResults> byTransport) {
        this.environment = environment;
        this.byTransport = byTransport;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        environment.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append(System.lineSeparator()));
        byTransport.forEach((transport, results) -> {
            for (EchoTest test : EchoTest.values()) {
                text.append(System.lineSeparator())
                        .append(transport)
                        .append(", ")
                        .append(test.title())
                        .append(System.lineSeparator())
                        .append(table(results, test));
            }
        });
        return text.append(System.lineSeparator())
                .append("median [min-max] of the rounds; x: ratio to the better of Netty's two, round by round")
                .append(System.lineSeparator())
                .toString();
    }

    private static TextTable table(EchoResults results, EchoTest test) {
        List<EchoMetric> metrics = results.metrics(test);
        List<String> heads = new ArrayList<>(List.of("server"));
        for (EchoMetric metric : metrics) {
            heads.add(metric.head());
            if (metric.hasRatio()) {
                heads.add("x");
            }
        }
        TextTable table = new TextTable(heads);
        for (EchoPeer peer : results.peers()) {
            List<String> cells = new ArrayList<>(List.of(peer.label()));
            for (EchoMetric metric : metrics) {
                addCells(cells, results, peer, test, metric);
            }
            table.add(cells);
        }
        return table;
    }

    /** What has no ratio is background: its spread is left to the JSON. */
    private static void addCells(
            List<String> cells, EchoResults results, EchoPeer peer, EchoTest test, EchoMetric metric) {
        Spread spread = results.spread(peer, test, metric).scaled(metric.scale());
        if (!metric.hasRatio()) {
            cells.add(spread.formatMedian(metric.decimals()));
            return;
        }
        cells.add(spread.format(metric.decimals()));
        Optional<Spread> ratio = results.ratio(peer, test, metric);
        cells.add(ratio.map(r -> r.format(RATIO_DECIMALS)).orElse("-"));
    }

    void writeJson(Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                JsonGenerator json = new JsonFactory().createGenerator(writer).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("benchmark", "echo");
            json.writeObjectFieldStart("environment");
            for (Map.Entry<String, String> entry : environment.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("results");
            for (Map.Entry<String, EchoResults> entry : byTransport.entrySet()) {
                for (EchoPeer peer : entry.getValue().peers()) {
                    for (EchoTest test : EchoTest.values()) {
                        writeResult(json, entry.getKey(), entry.getValue(), peer, test);
                    }
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void writeResult(
            JsonGenerator json, String transport, EchoResults results, EchoPeer peer, EchoTest test)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("transport", transport);
        json.writeStringField("server", peer.label());
        json.writeStringField("test", test.title());
        for (EchoMetric metric : results.metrics(test)) {
            json.writeObjectFieldStart(metric.jsonName());
            writeSpread(json, results.spread(peer, test, metric));
            json.writeArrayFieldStart("rounds");
            for (double value : results.rounds(peer, test, metric)) {
                json.writeNumber(value);
            }
            json.writeEndArray();
            Optional<Spread> ratio = results.ratio(peer, test, metric);
            if (ratio.isPresent()) {
                json.writeObjectFieldStart("ratio");
                json.writeStringField(
                        "to", results.reference(test, metric).orElseThrow().label());
                writeSpread(json, ratio.get());
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void writeSpread(JsonGenerator json, Spread spread) throws IOException {
        json.writeNumberField("median", spread.median());
        json.writeNumberField("min", spread.min());
        json.writeNumberField("max", spread.max());
    }
}
