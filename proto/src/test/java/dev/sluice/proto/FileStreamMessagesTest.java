package dev.sluice.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutResult;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The bytes of the file service's streams, as the comments of {@code files.proto} promise them. */
class FileStreamMessagesTest {
    private static final byte[] CONTENT = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void shouldLayOutGetStream() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        GetHeader.newBuilder()
                .setSize(CONTENT.length)
                .setModified(Timestamp.newBuilder().setSeconds(1_700_000_000).setNanos(5))
                .build()
                .writeDelimitedTo(stream);
        stream.write(CONTENT);
        GetTrailer.newBuilder().setCrc32C(crc32c(CONTENT)).build().writeDelimitedTo(stream);

        assertBytes("0c 0809 1208 0880e2cfaa06 1005" + "313233343536373839" + "05 0d 839206e3", stream);
    }

    @Test
    void shouldLayOutPutStream() throws IOException {
        ByteArrayOutputStream upstream = new ByteArrayOutputStream();
        upstream.write(CONTENT);
        PutTrailer.newBuilder().setCrc32C(crc32c(CONTENT)).build().writeDelimitedTo(upstream);
        ByteArrayOutputStream downstream = new ByteArrayOutputStream();
        PutResult.newBuilder()
                .setSize(CONTENT.length)
                .setCrc32C(crc32c(CONTENT))
                .build()
                .writeDelimitedTo(downstream);

        assertBytes("313233343536373839" + "05 0d 839206e3", upstream);
        assertBytes("07 0809 15 839206e3", downstream);
    }

    @Test
    void shouldSendErrorAloneWhenPutFails() throws IOException {
        assertBytes(
                "04 1a02 6e6f", delimited(PutResult.newBuilder().setError("no").build()));
    }

    @Test
    void shouldLayOutStatStream() throws IOException {
        StatResponse response = StatResponse.newBuilder()
                .setSize(CONTENT.length)
                .setModified(Timestamp.newBuilder().setSeconds(1))
                .setCrc32C(crc32c(CONTENT))
                .build();

        assertBytes("0b 0809 1202 0801 1d 839206e3", delimited(response));
    }

    @Test
    void shouldSendChecksumWhenItIsZero() throws IOException {
        assertEquals(0, crc32c(new byte[0]));
        assertBytes(
                "05 0d 00000000", delimited(GetTrailer.newBuilder().setCrc32C(0).build()));
        assertBytes(
                "05 0d 00000000", delimited(PutTrailer.newBuilder().setCrc32C(0).build()));
        assertBytes(
                "05 15 00000000", delimited(PutResult.newBuilder().setCrc32C(0).build()));
    }

    @Test
    void shouldTellMissingChecksumFromZero() throws IOException {
        assertFalse(GetTrailer.parseFrom(new byte[0]).hasCrc32C());
        assertTrue(GetTrailer.parseFrom(HexFormat.of().parseHex("0d00000000")).hasCrc32C());
        assertFalse(StatResponse.parseFrom(HexFormat.of().parseHex("0809")).hasCrc32C());
    }

    @Test
    void shouldEncodeRequests() throws IOException {
        assertBytes(
                "06 0a0173 120170",
                delimited(
                        GetRequest.newBuilder().setStorageName("s").setPath("p").build()));
        assertBytes(
                "0a 0a0173 120170 1809 2001",
                delimited(PutRequest.newBuilder()
                        .setStorageName("s")
                        .setPath("p")
                        .setSize(9)
                        .setOverwrite(true)
                        .build()));
        assertBytes(
                "08 0a0173 120170 1801",
                delimited(StatRequest.newBuilder()
                        .setStorageName("s")
                        .setPath("p")
                        .setChecksum(true)
                        .build()));
    }

    private static int crc32c(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content, 0, content.length);
        return (int) crc.getValue();
    }

    private static ByteArrayOutputStream delimited(MessageLite message) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        message.writeDelimitedTo(stream);
        return stream;
    }

    private static void assertBytes(String golden, ByteArrayOutputStream actual) {
        assertEquals(golden.replace(" ", ""), HexFormat.of().formatHex(actual.toByteArray()));
    }
}
