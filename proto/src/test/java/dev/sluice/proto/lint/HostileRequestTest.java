package dev.sluice.proto.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.gitaly.OperationMsg;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is not a request of protoc gets an answer, or a line that says why there is none, and never a stack trace. */
class HostileRequestTest {
    private static final int LIMIT = 16 << 20;

    /** What the plugin did. */
    private record Outcome(int code, CodeGeneratorResponse response, String err) {}

    private static Outcome run(InputStream in) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = new LintPlugin(LIMIT).run(in, out, new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(
                code, CodeGeneratorResponse.parseFrom(out.toByteArray()), err.toString(StandardCharsets.UTF_8));
    }

    private static void assertRefused(byte[] request, String text) throws Exception {
        Outcome outcome = run(new ByteArrayInputStream(request));

        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.response).isEqualTo(CodeGeneratorResponse.getDefaultInstance());
        assertThat(outcome.err)
                .startsWith("protoc-gen-sluice-lint: ")
                .contains(text)
                .hasLineCount(1);
    }

    private static String error(FileDescriptorProto... files) throws Exception {
        CodeGeneratorRequest.Builder request =
                CodeGeneratorRequest.newBuilder().addFileToGenerate(files[files.length - 1].getName());
        for (FileDescriptorProto file : files) {
            request.addProtoFile(file);
        }
        Outcome outcome = run(request.build().toByteString().newInput());
        assertThat(outcome.code).as(outcome.err).isZero();
        return outcome.response.getError();
    }

    private static FileDescriptorProto.Builder file() {
        return FileDescriptorProto.newBuilder()
                .setName("a.proto")
                .setPackage("a")
                .setSyntax("proto3");
    }

    private static FieldDescriptorProto.Builder field(String name, int number, String type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                .setTypeName(type);
    }

    private static ServiceDescriptorProto service(String request) {
        MethodOptions reads = MethodOptions.newBuilder()
                .setExtension(
                        LintProto.opType,
                        OperationMsg.newBuilder()
                                .setOp(OperationMsg.Operation.ACCESSOR)
                                .build())
                .build();
        return service(request, reads);
    }

    private static ServiceDescriptorProto service(String request, MethodOptions options) {
        return ServiceDescriptorProto.newBuilder()
                .setName("S")
                .addMethod(MethodDescriptorProto.newBuilder()
                        .setName("M")
                        .setInputType(request)
                        .setOutputType(request)
                        .setOptions(options))
                .build();
    }

    @Test
    void shouldRefuseWhatIsNoRequest() throws Exception {
        assertRefused(new byte[0], "it names no file");
        assertRefused("not protobuf".getBytes(StandardCharsets.UTF_8), "standard input is not a request of protoc");
    }

    @Test
    void shouldRefuseTheRequestWhereverItIsCut() throws Exception {
        byte[] whole = CodeGeneratorRequest.newBuilder()
                .addProtoFile(file().addMessageType(DescriptorProto.newBuilder().setName("R"))
                        .addService(service(".a.R")))
                .addFileToGenerate("a.proto")
                .build()
                .toByteArray();

        for (int length = 0; length < whole.length; length++) {
            Outcome outcome = run(new ByteArrayInputStream(whole, 0, length));
            boolean isError = outcome.code == 0
                    && outcome.err.isEmpty()
                    && outcome.response.getError().equals("the request does not describe a.proto");
            boolean isRefusal = outcome.code == 1 && outcome.err.lines().count() == 1;
            assertThat(isError || isRefusal)
                    .as("cut to %d: %s", length, outcome)
                    .isTrue();
        }
    }

    @Test
    void shouldRefuseTheRequestWhenItIsTooLarge() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0x0a;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                java.util.Arrays.fill(bytes, offset, offset + length, (byte) 0x0a);
                return length;
            }
        };

        Outcome outcome = run(endless);

        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.err)
                .contains("the request is larger than " + LIMIT + " bytes")
                .hasLineCount(1);
    }

    @Test
    void shouldRefuseTheRequestWhenMessagesAreNestedTooDeeply() throws Exception {
        DescriptorProto message = DescriptorProto.newBuilder().setName("M").build();
        for (int i = 0; i < 300; i++) {
            message = DescriptorProto.newBuilder()
                    .setName("M")
                    .addNestedType(message)
                    .build();
        }
        FileDescriptorProto file = file().addMessageType(message).build();

        assertRefused(
                CodeGeneratorRequest.newBuilder()
                        .addProtoFile(file)
                        .addFileToGenerate("a.proto")
                        .build()
                        .toByteArray(),
                "too many levels of nesting");
    }

    @Test
    void shouldTellSoWhenAFileIsMadeToOverflowTheStack() throws Exception {
        String deep = "a" + ".a".repeat(20_000);

        assertThat(error(file().setPackage(deep).build())).isEqualTo("a.proto: nested too deeply");
    }

    @Test
    void shouldTellWhatIsMissingWhenFilesDoNotFitTogether() throws Exception {
        FileDescriptorProto importing = file().addDependency("b.proto").build();
        FileDescriptorProto imported =
                file().setName("b.proto").addDependency("a.proto").build();

        assertThat(error(importing)).contains("a.proto imports b.proto, which is not described");
        assertThat(error(importing, imported)).isEqualTo("the imports of a.proto go in a circle");
        assertThat(error(importing, importing)).isEqualTo("a.proto is described twice");
        assertThat(error(file().addService(service(".a.Missing")).build()))
                .isEqualTo("a.proto: could not find message type \".a.Missing\"");
        assertThat(error(file().addMessageType(DescriptorProto.newBuilder().setName("1;2"))
                        .build()))
                .contains("\"1;2\" is not a valid identifier");
    }

    @Test
    void shouldTellSoWhenAnOptionIsNotWhatItsNumberSays() throws Exception {
        UnknownFieldSet noMessage = UnknownFieldSet.newBuilder()
                .addField(
                        82303,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("\n\u007f"))
                                .build())
                .build();
        MethodOptions options =
                MethodOptions.newBuilder().setUnknownFields(noMessage).build();

        String error = error(file().addMessageType(DescriptorProto.newBuilder().setName("R"))
                .addService(service(".a.R", options))
                .build());

        assertThat(error).startsWith("a.proto: service \"S\": method: \"M\": options of a.S.M cannot be read");
    }

    @Test
    void shouldFollowALongChainOfMessages() throws Exception {
        FileDescriptorProto.Builder chain = file().addService(service(".a.M0"));
        int length = 20_000;
        for (int i = 0; i < length; i++) {
            chain.addMessageType(DescriptorProto.newBuilder()
                    .setName("M" + i)
                    .addField(field("next", 1, ".a.M" + (i + 1) % length)));
        }

        assertThat(error(chain.build())).contains("unexpected count of target_repository fields 0, expected 1");

        FieldOptions target = FieldOptions.newBuilder()
                .setExtension(LintProto.targetRepository, true)
                .build();
        chain.getMessageTypeBuilder(length - 1).getFieldBuilder(0).setOptions(target);
        assertThat(error(chain.build())).contains("target_repository label more than 100 messages deep in M0");
    }

    @Test
    void shouldGiveUpWhenThereAreTooManyWays() throws Exception {
        int depth = 60; // and two to the power of it ways
        FileDescriptorProto.Builder lattice = file().addService(service(".a.M0"));
        for (int i = 0; i < depth; i++) {
            lattice.addMessageType(DescriptorProto.newBuilder()
                    .setName("M" + i)
                    .addField(field("left", 1, ".a.M" + (i + 1)))
                    .addField(field("right", 2, ".a.M" + (i + 1))));
        }
        DescriptorProto.Builder last = DescriptorProto.newBuilder().setName("M" + depth);
        assertThat(error(lattice.clone().addMessageType(last).build()))
                .contains("unexpected count of target_repository fields 0, expected 1");

        last.addField(field("self", 1, ".a.M" + depth)
                .setOptions(FieldOptions.newBuilder().setExtension(LintProto.targetRepository, true)));

        assertThat(error(lattice.addMessageType(last).build()))
                .contains("more than 10000 fields on the ways to target_repository labels in M0");
    }
}
