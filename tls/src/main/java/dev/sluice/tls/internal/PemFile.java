package dev.sluice.tls.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/** The blocks of a PEM file, in their order. What stands outside of blocks is ignored, as RFC 7468 wants it. Immutable. */
record PemFile(List<PemBlock> blocks) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    /** What some editors write before the text; here as the characters that its bytes are read as. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
    /** Labels are read back in messages, so they are what labels are. */
    private static final String LABEL = "[A-Za-z0-9][A-Za-z0-9 .#-]{0,63}";

    /** The first byte of a DER structure, which a PEM file cannot begin with unless by "0" in a comment. */
    private static final int DER_SEQUENCE = 0x30;

    /**
     * Reads a file's content.
     *
     * @param expected what the caller is looking for, for the message: "a private key"
     * @throws KeyFormatException if there is no block, or one is broken
     */
    static PemFile parse(byte[] content, String expected) throws KeyFormatException {
        // One byte is one character, so that nothing in a comment can fail to decode.
        Iterator<String> lines =
                new String(content, StandardCharsets.ISO_8859_1).lines().iterator();
        List<PemBlock> blocks = new ArrayList<>();
        while (lines.hasNext()) {
            String line = withoutMark(lines.next()).strip();
            if (line.startsWith(BEGIN)) {
                blocks.add(block(label(line, BEGIN), lines));
            }
        }
        if (blocks.isEmpty()) {
            throw new KeyFormatException(withoutBlocks(content) + ", expected " + expected + " in PEM");
        }
        return new PemFile(List.copyOf(blocks));
    }

    private static String withoutMark(String line) {
        return line.startsWith(BYTE_ORDER_MARK) ? line.substring(BYTE_ORDER_MARK.length()) : line;
    }

    private static String withoutBlocks(byte[] content) {
        if (content.length == 0) {
            return "is empty";
        }
        boolean binary = content[0] == DER_SEQUENCE && content.length > 1 && content[1] < 0;
        return binary ? "holds no PEM block but looks like DER or PKCS#12" : "holds no PEM block";
    }

    private static String label(String line, String marker) throws KeyFormatException {
        String label = line.endsWith(DASHES) && line.length() >= marker.length() + DASHES.length()
                ? line.substring(marker.length(), line.length() - DASHES.length())
                : "";
        if (!label.matches(LABEL)) {
            throw new KeyFormatException("has a broken " + marker.strip() + " line, expected '" + marker + "...-----'");
        }
        return label;
    }

    private static PemBlock block(String label, Iterator<String> lines) throws KeyFormatException {
        StringBuilder base64 = new StringBuilder();
        boolean headers = false;
        while (lines.hasNext()) {
            String line = lines.next().strip();
            if (line.startsWith(END)) {
                String end = label(line, END);
                if (!end.equals(label)) {
                    throw new KeyFormatException("begins a block " + label + " and ends it as " + end);
                }
                return new PemBlock(label, decode(label, base64), headers);
            }
            if (line.startsWith(BEGIN)) {
                break;
            }
            if (line.indexOf(':') >= 0) {
                headers = true;
            } else {
                base64.append(line);
            }
        }
        throw new KeyFormatException("has no END to the block " + label + ": the file is truncated");
    }

    /** Encrypted content of the old form is Base64, too. The cause is left out: it would quote the content. */
    @SuppressWarnings("UnusedException")
    private static byte[] decode(String label, StringBuilder base64) throws KeyFormatException {
        try {
            byte[] der = Base64.getDecoder().decode(base64.toString());
            if (der.length > 0) {
                return der;
            }
        } catch (IllegalArgumentException e) {
            throw new KeyFormatException("has a block " + label + " that is not Base64");
        }
        throw new KeyFormatException("has a block " + label + " without content");
    }

    /** Returns what the file holds, for messages: "a certificate", "2 blocks: a certificate, a private key". */
    String describe() {
        String all = blocks.stream().map(PemBlock::describe).distinct().limit(4).collect(Collectors.joining(" and "));
        return blocks.size() == 1 ? all : blocks.size() + " blocks, " + all;
    }
}
