package dev.sluice.bench.framed;

import dev.sluice.bench.harness.TitledTest;
import java.io.IOException;

/** What is asked of each peer. */
enum FramedTest implements TitledTest {
    DOWN("octets of an answer; plain: a copy loop") {
        @Override
        long makeOn(Calls calls, long bytes) throws IOException {
            return calls.download(bytes);
        }
    },
    UP("octets of a request; plain: a copy loop") {
        @Override
        long makeOn(Calls calls, long bytes) throws IOException {
            return calls.upload(bytes);
        }
    },
    FILE("octets from a file, each time on a new connection; plain: a transferTo loop") {
        @Override
        long makeOn(Calls calls, long bytes) throws IOException {
            return calls.fetchFile();
        }
    },
    CALL("small JSON calls, one after the other; plain: echoes of 64 bytes") {
        @Override
        long makeOn(Calls calls, long bytes) throws IOException {
            calls.echo();
            return 0;
        }
    };

    private final String title;

    FramedTest(String title) {
        this.title = title;
    }

    /**
     * Does it once.
     *
     * @param bytes how many to move
     * @return how many arrived; 0 if it is not about these
     */
    abstract long makeOn(Calls calls, long bytes) throws IOException;

    /** Returns whether bytes per second say how good a peer is, and not the time of each call. */
    boolean isBulk() {
        return this != CALL;
    }

    @Override
    public String title() {
        return title;
    }
}
