package dev.sluice.streamrpc.framed.internal;

import java.util.Optional;

/** What a frame carries. Numbers that are not here are reserved, and nobody may send them. */
enum FrameType {
    /** A {@link CallHeader}. */
    HEADER(0x01),
    /** A body. */
    DATA(0x02),
    /** How octets ended: with extensions only. */
    TRAILER(0x03),
    /** Nothing, but that this side is there: with extensions only. */
    HEARTBEAT(0x10),
    /** This side will say nothing more. */
    RESET(0xFF);

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Optional<FrameType> of(int code) {
        return switch (code) {
            case 0x01 -> Optional.of(HEADER);
            case 0x02 -> Optional.of(DATA);
            case 0x03 -> Optional.of(TRAILER);
            case 0x10 -> Optional.of(HEARTBEAT);
            case 0xFF -> Optional.of(RESET);
            default -> Optional.empty();
        };
    }
}
