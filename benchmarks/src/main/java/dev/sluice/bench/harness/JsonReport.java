package dev.sluice.bench.harness;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The form that all reports for programs have: which benchmark, what it was measured on, and an array of results. */
public final class JsonReport {
    private JsonReport() {}

    /** What differs from one benchmark to the next. */
    @FunctionalInterface
    public interface Results {
        /** Writes the elements of the array. */
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** Writes a report to a file. */
    public static void write(Path file, String benchmark, Map<String, String> environment, Results results)
            throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                JsonGenerator json = new JsonFactory().createGenerator(writer).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("benchmark", benchmark);
            json.writeObjectFieldStart("environment");
            for (Map.Entry<String, String> entry : environment.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("results");
            results.writeTo(json);
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /** Writes the fields of a spread into the object that was begun. */
    public static void writeSpread(JsonGenerator json, Spread spread) throws IOException {
        json.writeNumberField("median", spread.median());
        json.writeNumberField("min", spread.min());
        json.writeNumberField("max", spread.max());
    }

    /** Writes the fields of a spread and the value of each round into the object that was begun. */
    public static void writeRounds(JsonGenerator json, Spread spread, Iterable<Double> rounds) throws IOException {
        writeSpread(json, spread);
        json.writeArrayFieldStart("rounds");
        for (double value : rounds) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }
}
