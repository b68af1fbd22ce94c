package dev.sluice.nio.internal;

/**
 * Keeps large copies into a TCP socket aligned. Linux copies what a thread writes into pages of 32 KiB, one byte after the other, so
 * a few bytes in front of a file - an answer, a header - shift all of it against its source. Then every copy, of a gigabyte too,
 * runs at two thirds of the speed. A Unix socket begins anew with each write.
 *
 * <p>A page with less room than {@link #LEAST_ROOM} when a write begins is left as it is, and the next is begun. So a first
 * write that ends just there puts what follows it at the start of a page.
 *
 * <p>This is a model: it takes the thread's page to have been fresh when the stream began, as it is when all that was sent before
 * has been read. Where it is wrong, on another system too, a file's first bytes go in a write of their own and nothing else changes.
 *
 * <p>For one thread at a time.
 */
final class SendPages {
    static final int PAGE_BYTES = 32 << 10;
    static final int LEAST_ROOM = 32;
    /** Source and destination are aligned if they are equal modulo this; it has to divide the size of a page of memory. */
    static final int ALIGNMENT = 32;

    /** Bytes in the current page. */
    private int used;

    /** Tells of one write. */
    void wrote(int bytes) {
        used = (usedByNext() + bytes) % PAGE_BYTES;
    }

    /**
     * Returns how many bytes to write first, in a write of their own, so that those after them are aligned; 0 if they are by now.
     *
     * @param position where the source begins: an address, or a position in a file that will be mapped
     */
    int bytesToAlign(long position) {
        int shift = (int) ((position - usedByNext()) & (ALIGNMENT - 1));
        return shift == 0 ? 0 : PAGE_BYTES - shift - usedByNext();
    }

    private int usedByNext() {
        return PAGE_BYTES - used < LEAST_ROOM ? 0 : used;
    }
}
