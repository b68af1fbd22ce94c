package dev.sluice.samples;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/** Gets a file from {@link FileShare}, from {@code sluice serve}, or from whatever else speaks {@code files.proto}. */
public final class FileDownload {
    private FileDownload() {}

    static void download(Endpoint server, String path, Path target) throws IOException {
        Path part = Files.createTempFile(target.toAbsolutePath().getParent(), "download", ".part");
        try (StreamRpcClient client = StreamRpcClient.builder(server).build();
                ByteStream stream = client.call(
                        FileServiceGrpc.getGetMethod(),
                        GetRequest.newBuilder().setPath(path).build()); // or throws the server's refusal
                FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
            GetHeader header = GetHeader.parseDelimitedFrom(stream.inputStream()); // null at the end of the stream
            if (header != null) {
                stream.transferTo(file, 0, header.getSize());
            }
            GetTrailer trailer = GetTrailer.parseDelimitedFrom(stream.inputStream());
            if (trailer == null) {
                throw new EOFException("the server ended before all of '" + path + "' was here");
            }
            if (trailer.getCrc32C() != crc32c(part)) {
                throw new IOException("what arrived of '" + path + "' is not what was sent");
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING); // complete, or not at all
        } finally {
            Files.deleteIfExists(part);
        }
    }

    static int crc32c(Path file) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(Files.newInputStream(file), new CRC32C())) {
            in.transferTo(OutputStream.nullOutputStream());
            return (int) in.getChecksum().getValue();
        }
    }

    public static void main(String[] args) throws IOException {
        download(Endpoint.parse(args[0]), args[1], Path.of(args[2]));
    }
}
