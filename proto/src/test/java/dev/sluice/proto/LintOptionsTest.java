package dev.sluice.proto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceOptions;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.Message;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.gitaly.OperationMsg;
import dev.sluice.proto.gitaly.OperationMsg.Operation;
import dev.sluice.proto.gitaly.OperationMsg.Scope;
import dev.sluice.proto.gitaly.Repository;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The annotations themselves: names, numbers and bytes, which other implementations know too. */
class LintOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "intercepted,           82302, google.protobuf.ServiceOptions, BOOL",
        "op_type,               82303, google.protobuf.MethodOptions,  MESSAGE",
        "intercepted_method,    82304, google.protobuf.MethodOptions,  BOOL",
        "storage,               91233, google.protobuf.FieldOptions,   BOOL",
        "repository,            91234, google.protobuf.FieldOptions,   BOOL",
        "target_repository,     91235, google.protobuf.FieldOptions,   BOOL",
        "additional_repository, 91236, google.protobuf.FieldOptions,   BOOL",
    })
    void shouldDeclareOptionWhenLookedUpByName(String name, int number, String extended, FieldDescriptor.Type type) {
        FieldDescriptor option = LintProto.getDescriptor().findExtensionByName(name);

        assertNotNull(option, name);
        assertEquals("gitaly." + name, option.getFullName());
        assertEquals(number, option.getNumber());
        assertEquals(extended, option.getContainingType().getFullName());
        assertEquals(type, option.getType());
        assertFalse(option.isRepeated());
    }

    @Test
    void shouldDeclareNoFurtherOptions() {
        assertEquals(7, LintProto.getDescriptor().getExtensions().size());
    }

    @ParameterizedTest
    @CsvSource({"UNKNOWN, 0", "MUTATOR, 1", "ACCESSOR, 2", "MAINTENANCE, 3"})
    void shouldNumberOperation(Operation operation, int number) {
        assertEquals(number, operation.getNumber());
        assertEquals(4, Operation.getDescriptor().getValues().size());
    }

    @ParameterizedTest
    @CsvSource({"REPOSITORY, 0", "STORAGE, 2"})
    void shouldNumberScope(Scope scope, int number) {
        assertEquals(number, scope.getNumber());
        assertNull(Scope.forNumber(1), "1 was SERVER and stays free");
    }

    @ParameterizedTest
    @CsvSource({
        "ACCESSOR,    REPOSITORY, fa9728 02 0802",
        "MUTATOR,     REPOSITORY, fa9728 02 0801",
        "ACCESSOR,    STORAGE,    fa9728 04 0802 1002",
        "MUTATOR,     STORAGE,    fa9728 04 0801 1002",
        "MAINTENANCE, REPOSITORY, fa9728 02 0803",
        "UNKNOWN,     REPOSITORY, fa9728 00",
    })
    void shouldEncodeOperation(Operation op, Scope scope, String golden) throws Exception {
        OperationMsg opType =
                OperationMsg.newBuilder().setOp(op).setScopeLevel(scope).build();

        MethodOptions options = MethodOptions.newBuilder()
                .setExtension(LintProto.opType, opType)
                .build();

        assertBytes(golden, options);
        assertEquals(
                opType,
                MethodOptions.parseFrom(options.toByteArray(), registry()).getExtension(LintProto.opType));
    }

    @Test
    void shouldEncodeInterception() {
        assertBytes(
                "f09728 01",
                ServiceOptions.newBuilder()
                        .setExtension(LintProto.intercepted, true)
                        .build());
        assertBytes(
                "809828 01",
                MethodOptions.newBuilder()
                        .setExtension(LintProto.interceptedMethod, true)
                        .build());
    }

    @Test
    void shouldEncodeFieldMarks() {
        assertBytes(
                "88c62c 01 90c62c 01 98c62c 01 a0c62c 01",
                FieldOptions.newBuilder()
                        .setExtension(LintProto.storage, true)
                        .setExtension(LintProto.repository, true)
                        .setExtension(LintProto.targetRepository, true)
                        .setExtension(LintProto.additionalRepository, true)
                        .build());
    }

    @Test
    void shouldFindOptionByNumberWhenAllAreRegistered() {
        ExtensionRegistry.ExtensionInfo opType =
                registry().findImmutableExtensionByNumber(MethodOptions.getDescriptor(), 82303);
        ExtensionRegistry.ExtensionInfo target =
                registry().findImmutableExtensionByNumber(FieldOptions.getDescriptor(), 91235);

        assertEquals("gitaly.op_type", opType.descriptor.getFullName());
        assertEquals(OperationMsg.getDescriptor(), opType.descriptor.getMessageType());
        assertEquals("gitaly.target_repository", target.descriptor.getFullName());
    }

    @Test
    void shouldKeepOptionAsUnknownFieldWhenReaderDoesNotKnowIt() throws Exception {
        byte[] bytes = HexFormat.of().parseHex("fa97280408021002");

        MethodOptions unaware = MethodOptions.parseFrom(bytes);

        assertTrue(unaware.getUnknownFields().hasField(82303));
        assertArrayEquals(bytes, unaware.toByteArray());
    }

    @Test
    void shouldEncodeRepository() {
        Repository repository = Repository.newBuilder()
                .setStorageName("s")
                .setRelativePath("p")
                .setGitObjectDirectory("o")
                .addGitAlternateObjectDirectories("a")
                .addGitAlternateObjectDirectories("b")
                .setGlRepository("g")
                .setGlProjectPath("h")
                .build();

        assertBytes("120173 1a0170 22016f 2a0161 2a0162 320167 420168", repository);
    }

    private static ExtensionRegistry registry() {
        ExtensionRegistry registry = ExtensionRegistry.newInstance();
        LintProto.registerAllExtensions(registry);
        return registry;
    }

    private static void assertBytes(String golden, Message message) {
        assertEquals(golden.replace(" ", ""), HexFormat.of().formatHex(message.toByteArray()));
    }
}
