package dev.sluice.cli.files;

/** How checksums are shown to people. */
final class ChecksumText {
    private ChecksumText() {}

    static String mismatch(int sent, int received) {
        return String.format(
                "the content was damaged on the way: CRC-32C %08x was sent, %08x received; try again", sent, received);
    }
}
