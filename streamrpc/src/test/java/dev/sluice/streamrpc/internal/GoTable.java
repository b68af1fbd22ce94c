package dev.sluice.streamrpc.internal;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The tables that {@code src/test/go/golden.go} writes. */
final class GoTable {
    private GoTable() {}

    /** Returns the lines of a table, each with {@code columns} columns, as they stand. */
    static Stream<String[]> lines(String name, int columns) throws IOException {
        List<String[]> lines = new ArrayList<>();
        try (InputStream in = GoTable.class.getResourceAsStream(name);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith("#")) {
                    String[] cells = Arrays.copyOf(line.split("\t", -1), columns);
                    Arrays.setAll(cells, i -> cells[i] == null ? "" : cells[i]);
                    lines.add(cells);
                }
            }
        }
        return lines.stream();
    }

    static byte[] bytes(String cell) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < cell.length(); i++) {
            boolean escaped = cell.charAt(i) == '%';
            out.write(escaped ? Integer.parseInt(cell, i + 1, i + 3, 16) : cell.charAt(i));
            i += escaped ? 2 : 0;
        }
        return out.toByteArray();
    }

    static String text(String cell) {
        return new String(bytes(cell), StandardCharsets.UTF_8);
    }

    /** Each value ends with a comma and each list with a semicolon. */
    static Map<String, List<String>> metadata(String cell) {
        Map<String, List<String>> metadata = new LinkedHashMap<>();
        for (String list : terminated(cell, ';')) {
            int split = list.indexOf('=');
            List<String> values = terminated(list.substring(split + 1), ',');
            metadata.put(
                    text(list.substring(0, split)),
                    values.stream().map(GoTable::text).toList());
        }
        return metadata;
    }

    private static List<String> terminated(String cell, char terminator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int end = cell.indexOf(terminator); end >= 0; end = cell.indexOf(terminator, from)) {
            parts.add(cell.substring(from, end));
            from = end + 1;
        }
        return parts;
    }
}
