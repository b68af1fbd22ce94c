package dev.sluice.bench.harness;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a report for programs has. */
public final class JsonFields {
    private JsonFields() {}

    /** Returns the names of all fields, wherever they are, as often as they are there. */
    public static List<String> of(Path report) throws IOException {
        List<String> names = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(report.toFile())) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    names.add(json.currentName());
                }
            }
        }
        return names;
    }
}
