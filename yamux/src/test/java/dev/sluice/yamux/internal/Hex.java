package dev.sluice.yamux.internal;

import java.util.HexFormat;

/** Bytes as tests read them: hexadecimal, with blanks wherever they help. */
final class Hex {
    private Hex() {}

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
