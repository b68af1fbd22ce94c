package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import io.grpc.Channel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A large file there and back, and how it arrives. */
class SidechannelBulkIT extends SidechannelFixture {
    private static final long FILE_BYTES = 256L << 20;

    private Path original;

    @BeforeEach
    void makeFile() throws IOException {
        original = folder.resolve("original");
        byte[] block = new byte[1 << 20];
        Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(original)) {
            for (long written = 0; written < FILE_BYTES; written += block.length) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (FileChannel in = FileChannel.open(file)) {
            digest.update(in.map(FileChannel.MapMode.READ_ONLY, 0, in.size()));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void send(Path file, ByteStream stream) throws IOException {
        try (FileChannel in = FileChannel.open(file)) {
            assertThat(stream.transferFrom(in, 0, in.size())).isEqualTo(FILE_BYTES);
        }
        stream.shutdownOutput();
    }

    private static void receive(ByteStream stream, Path file) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(stream.transferTo(out, 0, Long.MAX_VALUE)).isEqualTo(FILE_BYTES);
        }
    }

    @ParameterizedTest
    @CsvSource({"TCP, OURS", "TCP, OLD", "TLS, OURS", "MEMORY, OLD"})
    void shouldMoveAFileThereAndBack(Wire wire, Client client) throws Exception {
        Path atServer = folder.resolve("server");
        Path atClient = folder.resolve("client");
        Channel channel = channel(wire, () -> {
            try (ByteStream stream = Sidechannel.open()) {
                receive(stream, atServer);
                send(atServer, stream);
            }
        });
        try (SidechannelWaiter waiter = sidechannels.register(stream -> {
            send(original, stream);
            receive(stream, atClient);
        })) {
            call(channel, client, waiter);
        }
        assertThat(sha256(atServer)).isEqualTo(sha256(original));
        assertThat(sha256(atClient)).isEqualTo(sha256(original));
    }
}
