package dev.sluice.streamrpc.internal;

import io.grpc.Metadata;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Metadata as StreamRPC 00 carries it: names and lists of values in JSON.
 *
 * <p>Go puts the bytes of a {@code -bin} value into a JSON string as they are. So those that are valid UTF-8 travel as that text,
 * and others cannot be carried.
 */
public final class MetadataCodec {
    private MetadataCodec() {}

    /**
     * Returns what goes into a request.
     *
     * @throws BadRequestException if a value cannot be carried; the text names the key
     */
    public static Map<String, List<String>> toMap(Metadata metadata) throws BadRequestException {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (String name : metadata.keys()) {
            map.put(name, isBinary(name) ? binaryTexts(metadata, name) : asciiTexts(metadata, name));
        }
        return map;
    }

    private static List<String> asciiTexts(Metadata metadata, String name) throws BadRequestException {
        List<String> texts = new ArrayList<>();
        for (String value : metadata.getAll(asciiKey(name))) {
            texts.add(checkAscii(name, value));
        }
        return texts;
    }

    private static List<String> binaryTexts(Metadata metadata, String name) throws BadRequestException {
        List<String> texts = new ArrayList<>();
        for (byte[] value : metadata.getAll(binaryKey(name))) {
            try {
                texts.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(value))
                        .toString());
            } catch (CharacterCodingException e) {
                throw new BadRequestException("metadata " + name + ": a value of " + value.length
                        + " bytes is not UTF-8, which is all that StreamRPC 00 can carry");
            }
        }
        return texts;
    }

    /**
     * Returns the metadata of a request. Names are lower-cased; the order of a name's values is kept.
     *
     * @throws BadRequestException if a name or value is not allowed in gRPC; the text names the key
     */
    public static Metadata toMetadata(Map<String, List<String>> map) throws BadRequestException {
        Metadata metadata = new Metadata();
        for (Map.Entry<String, List<String>> entry : map.entrySet()) {
            String name = checkName(entry.getKey());
            for (String value : entry.getValue()) {
                if (isBinary(name)) {
                    metadata.put(binaryKey(name), value.getBytes(StandardCharsets.UTF_8));
                } else {
                    metadata.put(asciiKey(name), checkAscii(name, value));
                }
            }
        }
        return metadata;
    }

    /** Returns the name in lower case. Checked before, because some letters beyond ASCII have a lower case within. */
    private static String checkName(String name) throws BadRequestException {
        boolean allowed = !name.isEmpty() && name.chars().allMatch(MetadataCodec::isNameChar);
        // A name that is only the suffix is no name for gRPC either.
        if (!allowed || name.equalsIgnoreCase(Metadata.BINARY_HEADER_SUFFIX)) {
            throw new BadRequestException(
                    "metadata name " + JsonText.excerpt(name) + ": expected letters, digits, '-', '_' and '.' only");
        }
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean isNameChar(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_.".indexOf(c) >= 0;
    }

    private static String checkAscii(String name, String value) throws BadRequestException {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c > 0x7E) {
                throw new BadRequestException(String.format(
                        Locale.ROOT,
                        "metadata %s: the value has U+%04X at index %d, expected printable ASCII only",
                        JsonText.excerpt(name),
                        (int) c,
                        i));
            }
        }
        return value;
    }

    private static boolean isBinary(String name) {
        return name.endsWith(Metadata.BINARY_HEADER_SUFFIX);
    }

    private static Metadata.Key<String> asciiKey(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private static Metadata.Key<byte[]> binaryKey(String name) {
        return Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
    }
}
