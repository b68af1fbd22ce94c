package dev.sluice.cli.files;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sluice.proto.files.v1.GetFileResponse;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutFileRequest;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.stream.ItemReader;
import dev.sluice.proto.stream.MessageOutputStream;
import dev.sluice.proto.stream.MessageSink;
import dev.sluice.proto.stream.Part;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.zip.CRC32C;

/** How {@code file_messages.proto} carries files, for both ends. */
final class FileMessages {
    private FileMessages() {}

    static Part<GetHeader, GetTrailer> part(GetFileResponse message) {
        return switch (message.getPayloadCase()) {
            case HEADER -> Part.header(message.getHeader());
            case DATA -> Part.data(message.getData());
            case TRAILER -> Part.footer(message.getTrailer());
            case PAYLOAD_NOT_SET -> Part.unknown();
        };
    }

    static Part<PutRequest, PutTrailer> part(PutFileRequest message) {
        return switch (message.getPayloadCase()) {
            case HEADER -> Part.header(message.getHeader());
            case DATA -> Part.data(message.getData());
            case TRAILER -> Part.footer(message.getTrailer());
            case PAYLOAD_NOT_SET -> Part.unknown();
        };
    }

    /**
     * Sends the content of a file.
     *
     * @throws EOFException if the file has become shorter than {@code size}
     */
    static void send(FileChannel file, long size, MessageSink<ByteString> sink, Progress progress) throws IOException {
        progress.moved(0, size);
        for (long sent = 0; sent < size; ) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(MessageOutputStream.PIECE_BYTES, size - sent));
            while (piece.hasRemaining()) {
                if (file.read(piece, sent + piece.position()) < 0) {
                    throw new EOFException("the file became shorter while it was sent: it had " + size
                            + " bytes and ended after " + (sent + piece.position()));
                }
            }
            sink.send(UnsafeByteOperations.unsafeWrap(piece.flip())); // nobody changes it any more
            sent += piece.limit();
            progress.moved(sent, size);
        }
    }

    /**
     * Moves the content of an item to where it goes.
     *
     * @return its CRC-32C
     * @throws ProtocolException if it has not {@code size} bytes
     */
    static int receive(ItemReader<?, ?, ?> item, long size, WritableByteChannel sink, Progress progress)
            throws IOException {
        CRC32C crc = new CRC32C();
        long done = 0;
        progress.moved(0, size);
        for (Optional<ByteString> next = item.nextData(); next.isPresent(); next = item.nextData()) {
            ByteBuffer piece = next.get().asReadOnlyByteBuffer();
            if (piece.remaining() > size - done) {
                throw new ProtocolException("more than the " + size + " bytes that were announced");
            }
            done += piece.remaining();
            crc.update(piece.duplicate());
            while (piece.hasRemaining()) {
                sink.write(piece);
            }
            progress.moved(done, size);
        }
        if (done < size) {
            throw new ProtocolException(done + " of the " + size + " bytes that were announced");
        }
        return (int) crc.getValue();
    }
}
