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
        Path part = Path.of(target + ".part"); // under its name once it is complete
        try (StreamRpcClient client = StreamRpcClient.builder(server).build();
                ByteStream stream = client.call(
                        FileServiceGrpc.getGetMethod(),
                        GetRequest.newBuilder().setPath(path).build()); // or throws the server's refusal
                FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = GetHeader.parseDelimitedFrom(stream.inputStream()).getSize();
            long received = stream.transferTo(file, 0, size);
            GetTrailer trailer = received < size ? null : GetTrailer.parseDelimitedFrom(stream.inputStream());
            if (trailer == null) {
                throw new EOFException("the server ended after " + received + " of " + size + " bytes");
            }
            if (trailer.getCrc32C() != crc32c(part)) {
                throw new IOException("what arrived is not what was sent");
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
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
