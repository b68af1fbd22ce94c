package dev.sluice.proto.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.sluice.proto.Protoc;
import dev.sluice.proto.files.v1.FilesProto;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.gitaly.Repository;
import dev.sluice.proto.gitaly.TestStreamProto;
import dev.sluice.proto.resource.Locator;
import dev.sluice.proto.resource.Operation;
import gitaly.Archive;
import gitaly.Archive.ArchivePool;
import gitaly.Archive.GetArchiveRequest;
import gitaly.Archive.LinkPoolRequest;
import gitaly.Archive.ListArchivesRequest;
import gitaly.Archive.UploadArchiveRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the registry reads from descriptors, and from requests. */
class MethodRegistryTest {
    private static final MethodRegistry ARCHIVES = MethodRegistry.of(List.of(Archive.getDescriptor()));
    private static final Repository REPOSITORY = Repository.newBuilder()
            .setStorageName("virtual")
            .setRelativePath("a.git")
            .setGlRepository("project-1")
            .build();

    @TempDir
    Path directory;

    private static MethodInfo archive(String method) throws StatusException {
        return ARCHIVES.lookUp("/gitaly.ArchiveService/" + method);
    }

    private static Locator locator(String group, String key) {
        return Locator.newBuilder().setGroup(group).setKey(key).build();
    }

    private static void assertInvalid(ThrowingCallable call, String text) {
        assertStatus(call, Status.Code.INVALID_ARGUMENT, text);
    }

    private static void assertStatus(ThrowingCallable call, Status.Code code, String text) {
        assertThatThrownBy(call)
                .asInstanceOf(type(StatusException.class))
                .extracting(StatusException::getStatus)
                .satisfies(status -> {
                    assertThat(status.getCode()).isEqualTo(code);
                    assertThat(status.getDescription()).isEqualTo(text);
                });
    }

    @Test
    void shouldKnowMethodsOfGeneratedCode() throws Exception {
        MethodRegistry registry =
                MethodRegistry.of(List.of(FilesProto.getDescriptor(), TestStreamProto.getDescriptor()));

        assertThat(registry.methods())
                .extracting(MethodInfo::fullName)
                .containsExactly(
                        "sluice.files.v1.FileService/Get",
                        "sluice.files.v1.FileService/Put",
                        "sluice.files.v1.FileService/Stat",
                        "gitaly.TestStreamService/TestStream");
        MethodInfo put = registry.lookUp("sluice.files.v1.FileService/Put");
        assertThat(put.effect()).isEqualTo(Operation.Effect.WRITE);
        assertThat(put.scope()).isEqualTo(Operation.Scope.GROUP);
        assertThat(put.requestType()).isEqualTo(PutRequest.getDescriptor());
        assertThat(registry.lookUp("/sluice.files.v1.FileService/Put")).isSameAs(put);
    }

    @Test
    void shouldTellEffectAndScope() throws Exception {
        assertThat(archive("GetArchive")).hasToString("gitaly.ArchiveService/GetArchive (READ, RESOURCE)");
        assertThat(archive("DeleteArchive")).hasToString("gitaly.ArchiveService/DeleteArchive (WRITE, RESOURCE)");
        assertThat(archive("OptimizeArchive"))
                .hasToString("gitaly.ArchiveService/OptimizeArchive (MAINTENANCE, RESOURCE)");
        assertThat(archive("ListArchives")).hasToString("gitaly.ArchiveService/ListArchives (READ, GROUP)");
    }

    @Test
    void shouldNotFindWhatTheProxyItselfAnswers() {
        for (String name : List.of("/gitaly.ArchiveService/GetProxyInfo", "/gitaly.ArchiveProxyService/GetNodes")) {
            assertThat(ARCHIVES.isHandledByProxy(name)).isTrue();
            assertThat(ARCHIVES.isHandledByProxy(name.substring(1))).isTrue();
            assertStatus(() -> ARCHIVES.lookUp(name), Status.Code.UNIMPLEMENTED, "full method name not found: " + name);
        }
        assertThat(ARCHIVES.isHandledByProxy("/gitaly.ArchiveService/GetArchive"))
                .isFalse();
    }

    @Test
    void shouldBeUnimplementedWhenNobodyKnowsTheMethod() {
        assertStatus(
                () -> ARCHIVES.lookUp("/gitaly.ArchiveService/Nope"),
                Status.Code.UNIMPLEMENTED,
                "full method name not found: /gitaly.ArchiveService/Nope");
        assertThat(ARCHIVES.isHandledByProxy("/gitaly.ArchiveService/Nope")).isFalse();
    }

    @Test
    void shouldReadTargetsWhereverTheyAre() throws Exception {
        UploadArchiveRequest upload = UploadArchiveRequest.newBuilder()
                .setHeader(UploadArchiveRequest.Header.newBuilder().setRepository(REPOSITORY))
                .build();
        LinkPoolRequest link = LinkPoolRequest.newBuilder()
                .setPool(ArchivePool.newBuilder().setRepository(REPOSITORY))
                .setOrigin(Repository.newBuilder().setRelativePath("origin.git"))
                .build();

        assertThat(archive("UploadArchive").target(upload)).isEqualTo(locator("virtual", "a.git"));
        assertThat(archive("UploadArchive").additionalTarget(upload)).isEmpty();
        assertThat(archive("LinkPool").target(link)).isEqualTo(locator("virtual", "a.git"));
        assertThat(archive("LinkPool").additionalTarget(link)).contains(locator("", "origin.git"));
        assertThat(archive("ListArchives")
                        .group(ListArchivesRequest.newBuilder()
                                .setStorageName("virtual")
                                .build()))
                .isEqualTo("virtual");
        assertThat(archive("ListArchives").group(ListArchivesRequest.getDefaultInstance()))
                .isEmpty();
    }

    @Test
    void shouldSayWhatARequestLacks() throws Exception {
        MethodInfo upload = archive("UploadArchive");
        MethodInfo link = archive("LinkPool");
        LinkPoolRequest onlyPool = LinkPoolRequest.newBuilder()
                .setPool(ArchivePool.newBuilder().setRepository(REPOSITORY))
                .build();

        assertInvalid(() -> archive("GetArchive").target(GetArchiveRequest.getDefaultInstance()), "empty Repository");
        assertInvalid(
                () -> link.target(LinkPoolRequest.getDefaultInstance()),
                "unable to descend OID [1 1] into message gitaly.LinkPoolRequest: proto field is empty");
        assertInvalid(() -> link.additionalTarget(onlyPool), "empty Repository");
        assertInvalid(() -> link.withGroup(onlyPool, "node"), "empty Repository");
        assertInvalid(
                () -> upload.target(UploadArchiveRequest.newBuilder()
                        .setData(ByteString.copyFromUtf8("x"))
                        .build()),
                "unable to find protobuf field 1 in message gitaly.UploadArchiveRequest");
        assertInvalid(
                () -> upload.withTarget(UploadArchiveRequest.getDefaultInstance(), locator("g", "k")),
                "unable to find protobuf field 1 in message gitaly.UploadArchiveRequest");
    }

    @Test
    void shouldRefuseMessagesOfAnotherType() throws Exception {
        MethodInfo get = archive("GetArchive");
        String text = "proto message google.protobuf.Empty does not match expected RPC request message"
                + " gitaly.GetArchiveRequest";

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> get.target(Empty.getDefaultInstance()),
                () -> get.withTarget(Empty.getDefaultInstance(), locator("g", "k")),
                () -> get.withGroup(Empty.getDefaultInstance(), "g"))) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(text);
        }
    }

    @Test
    void shouldRefuseToReadWhatTheAnnotationsDoNotPromise() throws Exception {
        MethodInfo get = archive("GetArchive");
        MethodInfo list = archive("ListArchives");

        assertThatThrownBy(() -> get.group(GetArchiveRequest.getDefaultInstance()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no group of its own");
        assertThatThrownBy(() -> list.target(ListArchivesRequest.getDefaultInstance()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it has no target");
        assertThatThrownBy(() -> get.withAdditionalTarget(GetArchiveRequest.getDefaultInstance(), locator("g", "k")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no additional target");
    }

    @Test
    void shouldRewriteACopyAndKeepAllElse() throws Exception {
        GetArchiveRequest request = GetArchiveRequest.newBuilder()
                .setRepository(REPOSITORY)
                .setRevision(ByteString.copyFromUtf8("main"))
                .build();
        byte[] before = request.toByteArray();

        GetArchiveRequest moved = archive("GetArchive").withGroup(request, "node-1");
        GetArchiveRequest replaced = archive("GetArchive").withTarget(request, locator("node-2", "@replica/1"));

        assertThat(moved)
                .isEqualTo(request.toBuilder()
                        .setRepository(REPOSITORY.toBuilder().setStorageName("node-1"))
                        .build());
        assertThat(replaced)
                .isEqualTo(request.toBuilder()
                        .setRepository(
                                REPOSITORY.toBuilder().setStorageName("node-2").setRelativePath("@replica/1"))
                        .build());
        assertThat(request.toByteArray()).isEqualTo(before);
    }

    @Test
    void shouldSendAllThatARequestNamesToTheSameGroup() throws Exception {
        LinkPoolRequest request = LinkPoolRequest.newBuilder()
                .setPool(ArchivePool.newBuilder().setRepository(REPOSITORY))
                .setOrigin(Repository.newBuilder().setStorageName("other").setRelativePath("origin.git"))
                .build();

        LinkPoolRequest moved = archive("LinkPool").withGroup(request, "node-1");
        LinkPoolRequest second = archive("LinkPool").withAdditionalTarget(request, locator("s", "k"));
        ListArchivesRequest listed = archive("ListArchives")
                .withGroup(
                        ListArchivesRequest.newBuilder()
                                .setStorageName("virtual")
                                .build(),
                        "node-1");

        assertThat(archive("LinkPool").target(moved)).isEqualTo(locator("node-1", "a.git"));
        assertThat(archive("LinkPool").additionalTarget(moved)).contains(locator("node-1", "origin.git"));
        assertThat(moved.getPool().getRepository().getGlRepository()).isEqualTo("project-1");
        assertThat(archive("LinkPool").target(second)).isEqualTo(locator("virtual", "a.git"));
        assertThat(archive("LinkPool").additionalTarget(second)).contains(locator("s", "k"));
        assertThat(listed.getStorageName()).isEqualTo("node-1");
    }

    @Test
    void shouldKeepFieldsThatNobodyKnows() throws Exception {
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .mergeVarintField(1000, 42)
                .mergeLengthDelimitedField(1001, ByteString.copyFromUtf8("later"))
                .build();
        UploadArchiveRequest request = UploadArchiveRequest.newBuilder()
                .setHeader(UploadArchiveRequest.Header.newBuilder()
                        .setRepository(REPOSITORY.toBuilder().setUnknownFields(later))
                        .setUnknownFields(later))
                .setUnknownFields(later)
                .build();
        MethodInfo upload = archive("UploadArchive");

        Message parsed = upload.parse(request.toByteString());
        ByteString sent = upload.withGroup(parsed, "node-1").toByteString();

        UploadArchiveRequest.Builder expected = request.toBuilder();
        expected.getHeaderBuilder().getRepositoryBuilder().setStorageName("node-1");
        assertThat(UploadArchiveRequest.parseFrom(sent)).isEqualTo(expected.build());
        assertThat(parsed.toByteString()).isEqualTo(request.toByteString());
    }

    @Test
    void shouldRefuseBytesThatAreNoRequest() {
        assertThatThrownBy(() -> archive("GetArchive").parse(ByteString.copyFrom(new byte[] {0x0a, 0x7f})))
                .asInstanceOf(type(StatusException.class))
                .extracting(StatusException::getStatus)
                .satisfies(status -> {
                    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(status.getDescription()).startsWith("not a gitaly.GetArchiveRequest: ");
                });
    }

    private FileDescriptorSet volumes(String... more) {
        return new Protoc(directory)
                .with(
                        "volumes.proto",
                        "syntax = \"proto2\";",
                        "package v;",
                        "import \"sluice/resource.proto\";",
                        "message Volume {",
                        "  option (sluice.locator) = {group: \"cluster\" key: \"name\"};",
                        "  required string cluster = 1; required string name = 2; optional int32 size = 3;",
                        "}",
                        "message Request {",
                        "  optional Volume volume = 1 [(sluice.target) = true]; required int32 needed = 2;",
                        "  optional Request again = 3;",
                        "}",
                        "service Volumes {",
                        "  rpc Read(Request) returns (Request) { option (sluice.operation) = {effect: READ}; }",
                        String.join("\n", more),
                        "}")
                .describe("volumes.proto");
    }

    @Test
    void shouldTakeAnyLocatorOfADescriptorSet() throws Exception {
        MethodInfo read = MethodRegistry.of(volumes()).lookUp("v.Volumes/Read");
        FieldDescriptor volume = read.requestType().findFieldByNumber(1);
        DynamicMessage target = DynamicMessage.newBuilder(volume.getMessageType())
                .setField(volume.getMessageType().findFieldByName("cluster"), "c")
                .setField(volume.getMessageType().findFieldByName("name"), "n")
                .setField(volume.getMessageType().findFieldByName("size"), 7)
                .build();
        DynamicMessage request = DynamicMessage.newBuilder(read.requestType())
                .setField(volume, target)
                .buildPartial();

        Message moved = read.withGroup(read.parse(request.toByteString()), "d");

        assertThat(read.target(request)).isEqualTo(locator("c", "n"));
        assertThat(read.target(moved)).isEqualTo(locator("d", "n"));
        assertThat(((Message) moved.getField(volume))
                        .getField(volume.getMessageType().findFieldByName("size")))
                .isEqualTo(7);
    }

    @Test
    void shouldTellOfAllMethodsWhatIsWrongWithThem() {
        FileDescriptorSet set = volumes(
                "rpc One(Request) returns (Request);",
                "rpc Two(Request) returns (Request) { option (sluice.operation) = {effect: READ scope: GROUP}; }",
                "rpc Three(Volume) returns (Request) { option (sluice.operation) = {effect: READ}; }");

        assertThatThrownBy(() -> MethodRegistry.of(set))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("""
                        v.Volumes/One: missing operation extension
                        v.Volumes/Two: unexpected count of target fields 1, expected 0, found target label at: [Request.volume]
                        v.Volumes/Three: unexpected count of target fields 0, expected 1, found target label at: []""");
    }

    @Test
    void shouldReadRequestsOfGeneratedCodeWhenItKnowsOnlyDescribedFiles() throws Exception {
        FileDescriptorSet described = FileDescriptorSet.newBuilder()
                .addFile(Archive.getDescriptor().toProto())
                .addAllFile(Archive.getDescriptor().getDependencies().stream()
                        .map(file -> file.toProto())
                        .toList())
                .addFile(DescriptorProtos.getDescriptor().toProto())
                .build();
        MethodInfo get = MethodRegistry.of(described).lookUp("gitaly.ArchiveService/GetArchive");
        GetArchiveRequest request =
                GetArchiveRequest.newBuilder().setRepository(REPOSITORY).build();

        GetArchiveRequest moved = get.withGroup(request, "node-1");

        assertThat(get.target(request)).isEqualTo(locator("virtual", "a.git"));
        assertThat(moved.getRepository().getStorageName()).isEqualTo("node-1");
    }

    @Test
    void shouldRefuseARequestWhoseTypeIsAnotherUnderTheSameName() throws Exception {
        MethodInfo read = MethodRegistry.of(volumes()).lookUp("v.Volumes/Read");
        FileDescriptorSet other = new Protoc(directory)
                .with("volumes.proto", "syntax = \"proto3\";", "package v;", "message Request { string volume = 1; }")
                .describe("volumes.proto");
        DynamicMessage request =
                DynamicMessage.getDefaultInstance(FileDescriptor.buildFrom(other.getFile(0), new FileDescriptor[0])
                        .findMessageTypeByName("Request"));

        assertThatThrownBy(() -> read.target(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("this v.Request is not the one that the registry knows");
    }
}
