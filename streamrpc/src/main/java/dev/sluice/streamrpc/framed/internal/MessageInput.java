package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.CallFailedException;
import dev.sluice.streamrpc.internal.RequestMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Reads messages from a connection that threads use. Reads ahead as far as its buffer goes; what is large goes past it.
 *
 * <p>Any thread, one at a time: the lock is held while its holder waits for the peer.
 */
final class MessageInput {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int FIRST_DOCUMENT_BYTES = 4 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteStream stream;
    private final MessageDecoder decoder;
    private final ReentrantLock lock = new ReentrantLock();
    /** Bytes that came and are not yet taken; between calls, position to limit. */
    private ByteBuffer bytes = NOTHING;

    private Optional<PooledBuffer> pooled = Optional.empty();
    private boolean released;
    /** Of the message that was begun last. Changes under the lock; whoever is too late need not wait for it to learn that. */
    private final AtomicLong number = new AtomicLong();

    private boolean broken;
    /** A thread waits in {@link #fill}. */
    private volatile boolean waiting;

    MessageInput(ByteStream stream, boolean extended) {
        this.stream = stream;
        this.decoder = new MessageDecoder(extended);
    }

    /** What was read before there was this; the buffer is owned by this from now on. */
    void start(PooledBuffer first) {
        lock.lock();
        try {
            pooled = Optional.of(first);
            bytes = first.buffer();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether a thread waits for the peer. Any thread. */
    boolean isWaiting() {
        return waiting;
    }

    /** Returns whether the next byte that comes begins a message. */
    boolean isBetweenMessages() {
        lock.lock();
        try {
            return !broken && !decoder.isWithinMessage();
        } finally {
            lock.unlock();
        }
    }

    Banner banner() throws TransportException {
        lock.lock();
        try {
            while (true) {
                Optional<Banner> banner;
                try {
                    banner = Banner.read(bytes);
                } catch (TransportException e) {
                    throw located(e);
                }
                if (banner.isPresent()) {
                    return banner.get();
                }
                fill();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes the magic that a server with extensions answers with. */
    void magic() throws TransportException {
        lock.lock();
        try {
            for (byte expected : Greeting.MAGIC) {
                while (!bytes.hasRemaining()) {
                    fill();
                }
                byte next = bytes.get();
                if (next != expected) {
                    throw notGreeted(next);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** A server without extensions takes the client's magic for a frame of an unknown type, and says a reset. */
    private TransportException notGreeted(byte first) {
        boolean reset = Byte.toUnsignedInt(first) == FrameType.RESET.code();
        return new TransportException(
                reset ? Reason.RESET : Reason.PROTOCOL_ERROR,
                stream.connection() + (reset ? ": " + MessageDecoder.RESET_TEXT : ": the peer speaks something else")
                        + "; expected framedrpc01 and a banner; a server without extensions needs"
                        + " FramedClient.Builder.plain()");
    }

    private MessageDecoder.Step next() throws TransportException {
        try {
            return decoder.next(bytes);
        } catch (TransportException e) {
            throw located(e);
        }
    }

    /** The same failure, of a core that knows no connection, with the connection in front. */
    private TransportException located(TransportException failure) {
        return new TransportException(failure.reason(), stream.connection() + ": " + failure.getMessage(), failure);
    }

    CallHeader header() throws TransportException {
        Optional<byte[]> json = whole(MessageKind.HEADER, CallHeader.MAX_BYTES, Optional.empty());
        if (json.isEmpty()) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR,
                    stream.connection() + ": cannot read header: it has more than " + CallHeader.MAX_BYTES + " bytes");
        }
        try {
            return CallHeader.parse(json.get());
        } catch (TransportException e) {
            throw located(e);
        }
    }

    /** Returns the error that a header from this connection says; throws if it is one that nobody has defined. */
    CallFailedException failure(CallHeader answer) throws TransportException {
        try {
            return answer.toFailure();
        } catch (TransportException e) {
            throw located(e);
        }
    }

    /** Returns a body; empty if it has more bytes than that, and is not read to its end then: see {@link #skip}. */
    Optional<byte[]> document(int maxBytes) throws TransportException {
        return whole(MessageKind.DOCUMENT, maxBytes, Optional.empty());
    }

    /** As the other, for one of many connections: what has come counts towards {@code memory} until all has. */
    Optional<byte[]> document(int maxBytes, RequestMemory memory) throws TransportException {
        return whole(MessageKind.DOCUMENT, maxBytes, Optional.of(memory));
    }

    private Optional<byte[]> whole(MessageKind kind, int maxBytes, Optional<RequestMemory> memory)
            throws TransportException {
        long heldBytes = 0;
        lock.lock();
        try {
            begin(kind, maxBytes);
            byte[] document = {};
            int length = 0;
            while (true) {
                switch (next()) {
                    case NEEDS_BYTES -> fill();
                    case OVER_LIMIT -> {
                        return Optional.empty();
                    }
                    case END -> {
                        return Optional.of(length == document.length ? document : Arrays.copyOf(document, length));
                    }
                    case PAYLOAD -> {
                        if (length == document.length) {
                            // Room grows with the bytes that came, not with those that were announced.
                            int room = Math.min(decoder.payloadBytes(), Math.max(length, FIRST_DOCUMENT_BYTES));
                            if (memory.isPresent()) {
                                memory.get().add(room);
                                heldBytes += room;
                            }
                            document = Arrays.copyOf(document, length + room);
                        }
                        length += take(ByteBuffer.wrap(document, length, document.length - length));
                    }
                }
            }
        } finally {
            if (memory.isPresent()) {
                memory.get().release(heldBytes);
            }
            lock.unlock();
        }
    }

    private void begin(MessageKind kind, long maxBytes) {
        decoder.begin(kind, maxBytes);
        number.incrementAndGet();
    }

    /** Begins octets, and returns the number of their message: who still reads when they are over must not get another's bytes. */
    long beginOctets(long maxBytes) {
        lock.lock();
        try {
            begin(MessageKind.OCTETS, maxBytes);
            return number.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads octets.
     *
     * @param message their number
     * @return -1 at their end
     */
    int octets(long message, ByteBuffer target) throws IOException {
        requireCurrent(message);
        lock.lock();
        try {
            requireCurrent(message);
            requireWhole();
            return reachOctets() ? take(target) : -1;
        } finally {
            lock.unlock();
        }
    }

    /** Reads octets into a file; returns how many, at the end -1. */
    long octets(long message, FileChannel target, long position) throws IOException {
        requireCurrent(message);
        lock.lock();
        try {
            requireCurrent(message);
            requireWhole();
            if (!reachOctets()) {
                return -1;
            }
            int n = Math.min(bytes.remaining(), decoder.payloadBytes());
            if (n > 0) {
                write(target, position, bytes.slice(bytes.position(), n));
                bytes.position(bytes.position() + n);
                decoder.took(n);
                return n;
            }
            return fromStream(target, position);
        } finally {
            lock.unlock();
        }
    }

    private void requireCurrent(long message) throws IOException {
        if (message != number.get()) {
            throw new IOException("the call that these octets belong to has ended");
        }
    }

    private void requireWhole() throws IOException {
        if (broken) {
            throw new IOException("the octets cannot be read any further: writing them into a file has failed");
        }
    }

    private static void write(FileChannel target, long position, ByteBuffer from) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += target.write(from, at);
        }
    }

    private long fromStream(FileChannel target, long position) throws TransportException {
        int wanted = decoder.payloadBytes();
        waiting = true;
        broken = true; // unless this ends well, nobody knows how many bytes it took from the connection
        try {
            long n = stream.transferTo(target, position, wanted);
            broken = false;
            decoder.took((int) n);
            if (n < wanted) {
                throw truncated();
            }
            return n;
        } finally {
            waiting = false;
        }
    }

    /** Begins a body that nobody wants. */
    void beginUnwanted(MessageKind kind) {
        lock.lock();
        try {
            begin(kind, Long.MAX_VALUE);
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether there are octets to be taken; if not, they ended well. */
    private boolean reachOctets() throws IOException {
        while (true) {
            switch (next()) {
                case NEEDS_BYTES -> fill();
                case PAYLOAD -> {
                    return true;
                }
                case OVER_LIMIT ->
                    throw new TransportException(
                            Reason.LIMIT_EXCEEDED,
                            stream.connection() + ": the octets have more than " + decoder.limitBytes()
                                    + " bytes (FramedLimits.octetBytes)");
                case END -> {
                    if (decoder.failure().isPresent()) {
                        throw failure(decoder.failure().get());
                    }
                    return false;
                }
            }
        }
    }

    /**
     * Reads to the end of the message that was begun, if it has not ended, and forgets it.
     *
     * @return false if it has more than {@code maxBytes} still, or its end cannot be found
     */
    boolean skip(long maxBytes) throws TransportException {
        lock.lock();
        try {
            if (broken) {
                return false;
            }
            number.incrementAndGet(); // its reader, if there is one still, is too late
            decoder.limit(Long.MAX_VALUE);
            long skipped = 0;
            while (skipped <= maxBytes) {
                switch (next()) {
                    case NEEDS_BYTES -> fill();
                    case PAYLOAD -> {
                        int n = Math.min(bytes.remaining(), decoder.payloadBytes());
                        if (n == 0) {
                            fill();
                        } else {
                            bytes.position(bytes.position() + n);
                            decoder.took(n);
                            skipped += n;
                        }
                    }
                    case OVER_LIMIT, END -> {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes heartbeats for as long as a writer that nobody reads for has to know that the peer is there. Whatever else comes is left.
     *
     * @param listening whether that is so still
     */
    void listen(BooleanSupplier listening) throws TransportException {
        if (!lock.tryLock()) {
            return; // somebody reads
        }
        try {
            while (!decoder.isWithinMessage() && listening.getAsBoolean()) {
                if (bytes.remaining() < FrameHead.BYTES) {
                    fill();
                } else if (bytes.get(bytes.position()) == FrameType.HEARTBEAT.code()) {
                    if (bytes.getInt(bytes.position() + 2) != 0) {
                        return; // one with payload, which the next reader refuses
                    }
                    bytes.position(bytes.position() + FrameHead.BYTES);
                } else {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Moves at least a byte of payload, from the bytes at hand or past them. */
    private int take(ByteBuffer target) throws TransportException {
        int wanted = Math.min(target.remaining(), decoder.payloadBytes());
        if (!bytes.hasRemaining() && wanted < BUFFER_BYTES) {
            fill();
        }
        int n;
        int end = target.limit();
        if (bytes.hasRemaining()) {
            n = Math.min(bytes.remaining(), wanted);
            target.put(bytes.slice(bytes.position(), n));
            bytes.position(bytes.position() + n);
        } else {
            target.limit(target.position() + wanted);
            n = read(target);
            target.limit(end);
        }
        decoder.took(n);
        return n;
    }

    /** Reads what is there behind the bytes at hand. */
    private void fill() throws TransportException {
        if (released) {
            throw TransportException.closed(stream.connection() + " is closed");
        }
        if (pooled.isEmpty()) {
            pooled = Optional.of(stream.connection().loop().group().buffers().acquireUpTo(BUFFER_BYTES));
            bytes = pooled.get().buffer().limit(0);
        }
        bytes.compact();
        try {
            read(bytes);
        } finally {
            bytes.flip();
        }
    }

    private int read(ByteBuffer target) throws TransportException {
        waiting = true;
        try {
            int n = stream.read(target);
            if (n < 0) {
                throw truncated();
            }
            return n;
        } finally {
            waiting = false;
        }
    }

    private TransportException truncated() {
        return new TransportException(
                Reason.TRUNCATED,
                stream.connection()
                        + (decoder.isWithinMessage() && !decoder.isBeforeFirstByte()
                                ? ": the peer ended within a message"
                                : ": the peer ended without a word"));
    }

    /** Gives the buffer back, once no thread reads any more; the stream is closed. */
    void release() {
        lock.lock();
        try {
            released = true;
            bytes = NOTHING;
            pooled.ifPresent(PooledBuffer::release);
            pooled = Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
