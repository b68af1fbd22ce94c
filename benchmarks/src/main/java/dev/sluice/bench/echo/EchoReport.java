package dev.sluice.bench.echo;

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
        StringBuilder text = new StringBuilder(Environment.format(environment));
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
        List<Metric> metrics = results.metrics(test);
        List<String> heads = new ArrayList<>(List.of("server"));
        for (Metric metric : metrics) {
            heads.add(metric.head());
            if (metric.hasRatio()) {
                heads.add("x");
            }
        }
        TextTable table = new TextTable(heads);
        for (EchoPeer peer : results.servers()) {
            List<String> cells = new ArrayList<>(List.of(peer.label()));
            for (Metric metric : metrics) {
                addCells(cells, results, peer, test, metric);
            }
            table.add(cells);
        }
        return table;
    }

    /** What has no ratio is background: its spread is left to the JSON. */
    private static void addCells(List<String> cells, EchoResults results, EchoPeer peer, EchoTest test, Metric metric) {
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
        JsonReport.write(file, "echo", environment, json -> {
            for (Map.Entry<String, EchoResults> entry : byTransport.entrySet()) {
                for (EchoPeer peer : entry.getValue().servers()) {
                    for (EchoTest test : EchoTest.values()) {
                        writeResult(json, entry.getKey(), entry.getValue(), peer, test);
                    }
                }
            }
        });
    }

    private static void writeResult(
            JsonGenerator json, String transport, EchoResults results, EchoPeer peer, EchoTest test)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("transport", transport);
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
        json.writeEndObject();
    }
}
