package dev.sluice.bench.file;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.JsonReport;
import dev.sluice.bench.harness.Spread;
import dev.sluice.bench.harness.TextTable;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results as text for people and JSON for programs. */
final class FileReport {
    private static final int DECIMALS = 2;

    private final Map<String, String> environment;
    private final Map<Wire, FileResults> byWire;

    FileReport(Map<String, String> environment, Map<Wire, FileResults> byWire) {
        this.environment = environment;
        this.byWire = byWire;
    }

    String text() {
        StringBuilder text = new StringBuilder(Environment.format(environment));
        byWire.forEach((wire, results) ->
                text.append('\n').append(wire.label()).append('\n').append(table(results)));
        return text.append(
                        "\nmedian [min-max] of the rounds; x: ratio, round by round, to gRPC, to the fastest plain loop and to the faster")
                .append(" of Netty's two\n")
                .toString();
    }

    private static TextTable table(FileResults results) {
        TextTable table = new TextTable(List.of("server", "GiB/s", "x gRPC", "x plain", "x netty", "server CPU s/GiB"));
        for (FilePeer peer : FilePeer.values()) {
            table.add(List.of(
                    peer.label(),
                    results.speed(peer).format(DECIMALS),
                    format(results.ratio(peer, FilePeer.Kind.GRPC)),
                    format(results.ratio(peer, FilePeer.Kind.PLAIN)),
                    format(results.ratio(peer, FilePeer.Kind.NETTY)),
                    results.processorTime(peer).format(DECIMALS)));
        }
        return table;
    }

    private static String format(Optional<Spread> ratio) {
        return ratio.map(r -> r.format(DECIMALS)).orElse("1");
    }

    void writeJson(Path file) throws IOException {
        JsonReport.write(file, "file", environment, json -> {
            for (Map.Entry<Wire, FileResults> entry : byWire.entrySet()) {
                for (FilePeer peer : FilePeer.values()) {
                    writeResult(json, entry.getKey(), entry.getValue(), peer);
                }
            }
        });
    }

    private static void writeResult(JsonGenerator json, Wire wire, FileResults results, FilePeer peer)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("wire", wire.label());
        json.writeStringField("server", peer.label());
        writeSpread(json, "gibibytesPerSecond", results.speed(peer));
        writeSpread(json, "serverSecondsPerGibibyte", results.processorTime(peer));
        writeRatio(json, "ratioToGrpc", results.ratio(peer, FilePeer.Kind.GRPC));
        writeRatio(json, "ratioToFastestPlain", results.ratio(peer, FilePeer.Kind.PLAIN));
        writeRatio(json, "ratioToFastestNetty", results.ratio(peer, FilePeer.Kind.NETTY));
        json.writeEndObject();
    }

    private static void writeRatio(JsonGenerator json, String name, Optional<Spread> ratio) throws IOException {
        if (ratio.isPresent()) {
            writeSpread(json, name, ratio.get());
        }
    }

    private static void writeSpread(JsonGenerator json, String name, Spread spread) throws IOException {
        json.writeObjectFieldStart(name);
        JsonReport.writeSpread(json, spread);
        json.writeEndObject();
    }
}
