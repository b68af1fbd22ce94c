package dev.sluice.grpc.internal.sidechannel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How the client's bytes travel, and what both sides say first (docs/sidechannel.md, section 2). */
enum SidechannelMode {
    /** In packets, as Gitaly's programs do. */
    FRAMED("ok"),
    /** As they are, with the stream's own half-close. */
    UNFRAMED("hc");

    static final int CONFIRMATION_BYTES = 2;

    private final String confirmation;

    SidechannelMode(String confirmation) {
        this.confirmation = confirmation;
    }

    static SidechannelMode of(boolean unframed) {
        return unframed ? UNFRAMED : FRAMED;
    }

    /** Returns the mode of an opening that has {@code idOnWire}. */
    static SidechannelMode opened(long idOnWire) {
        return of(idOnWire < 0);
    }

    /** Returns how an opening says the number of a sidechannel, and how what it says becomes that number again. */
    long onWire(long id) {
        return this == UNFRAMED ? ~id : id;
    }

    /** Returns what the client answers, as text. */
    String confirmation() {
        return confirmation;
    }

    /** Returns what the client answers. */
    ByteBuffer confirmationBytes() {
        return ByteBuffer.wrap(confirmation.getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns whether the client has confirmed; {@code bytes} are not consumed. */
    boolean isConfirmation(ByteBuffer bytes) {
        return confirmationBytes().equals(bytes);
    }
}
