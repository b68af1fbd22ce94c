package dev.sluice.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.gitaly.OperationMsg;
import dev.sluice.proto.gitaly.OperationMsg.Operation;
import dev.sluice.proto.gitaly.OperationMsg.Scope;
import gitaly.Archive;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The annotations, read from a file written for Gitaly: {@code src/test/proto/archive.proto}. */
class GitalyStyleSourceTest {
    private static final ServiceDescriptor ARCHIVES = Archive.getDescriptor().findServiceByName("ArchiveService");
    private static final ServiceDescriptor PROXY = Archive.getDescriptor().findServiceByName("ArchiveProxyService");

    @ParameterizedTest
    @CsvSource({
        "GetArchive,      ACCESSOR,    REPOSITORY",
        "DeleteArchive,   MUTATOR,     REPOSITORY",
        "LinkPool,        MUTATOR,     REPOSITORY",
        "UploadArchive,   MUTATOR,     REPOSITORY",
        "ListArchives,    ACCESSOR,    STORAGE",
        "OptimizeArchive, MAINTENANCE, REPOSITORY",
    })
    void shouldReadOperationWhenMethodIsAnnotated(String method, Operation op, Scope scope) {
        OperationMsg opType = methodOptions(method).getExtension(LintProto.opType);

        assertEquals(op, opType.getOp());
        assertEquals(scope, opType.getScopeLevel());
    }

    @Test
    void shouldReadInterceptionWhenProxyAnswersItself() {
        assertTrue(PROXY.getOptions().getExtension(LintProto.intercepted));
        assertFalse(ARCHIVES.getOptions().getExtension(LintProto.intercepted));
        assertTrue(methodOptions("GetProxyInfo").getExtension(LintProto.interceptedMethod));
        assertFalse(methodOptions("GetProxyInfo").hasExtension(LintProto.opType));
    }

    @Test
    void shouldReadFieldMarksWhenNestedInOtherMessages() {
        Descriptor link = message("LinkPoolRequest");
        Descriptor header = message("UploadArchiveRequest").findNestedTypeByName("Header");

        assertEquals(List.of(LintProto.targetRepository.getNumber()), marks(link.findFieldByName("pool")));
        assertEquals(List.of(LintProto.additionalRepository.getNumber()), marks(link.findFieldByName("origin")));
        assertEquals(
                List.of(LintProto.repository.getNumber()),
                marks(message("ArchivePool").findFieldByNumber(1)));
        assertEquals(List.of(LintProto.targetRepository.getNumber()), marks(header.findFieldByNumber(1)));
        assertEquals(
                List.of(LintProto.storage.getNumber()),
                marks(message("ListArchivesRequest").findFieldByNumber(1)));
        assertEquals(List.of(), marks(message("GetArchiveRequest").findFieldByName("revision")));
    }

    @ParameterizedTest
    @CsvSource({
        "GetArchive,      fa9728 02 0802",
        "DeleteArchive,   fa9728 02 0801",
        "LinkPool,        fa9728 02 0801",
        "ListArchives,    fa9728 04 0802 1002",
        "OptimizeArchive, fa9728 02 0803",
        "GetProxyInfo,    809828 01",
    })
    void shouldEncodeMethodOptions(String method, String golden) {
        assertBytes(golden, methodOptions(method));
    }

    @Test
    void shouldEncodeServiceOptions() {
        assertBytes("f09728 01", PROXY.getOptions());
    }

    @ParameterizedTest
    @CsvSource({
        "ListArchivesRequest, 1, 88c62c 01",
        "ArchivePool,         1, 90c62c 01",
        "GetArchiveRequest,   1, 98c62c 01",
        "LinkPoolRequest,     2, a0c62c 01",
    })
    void shouldEncodeFieldOptions(String message, int field, String golden) {
        assertBytes(golden, message(message).findFieldByNumber(field).getOptions());
    }

    private static MethodOptions methodOptions(String method) {
        return ARCHIVES.findMethodByName(method).getOptions();
    }

    private static Descriptor message(String name) {
        return Archive.getDescriptor().findMessageTypeByName(name);
    }

    private static List<Integer> marks(FieldDescriptor field) {
        FieldOptions options = field.getOptions();
        return options.getAllFields().keySet().stream()
                .map(FieldDescriptor::getNumber)
                .toList();
    }

    private static void assertBytes(String golden, Message message) {
        assertEquals(golden.replace(" ", ""), HexFormat.of().formatHex(message.toByteArray()));
    }
}
