package dev.sluice.proto.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.proto.Protoc;
import dev.sluice.proto.files.v1.FilesProto;
import dev.sluice.proto.gitaly.TestStreamProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules for annotations, where they are more than those of Gitaly's linter. */
class LinterTest {
    private static final Linter LINTER = new Linter(LintSettings.parse("naming=off"));
    private static final String READ = "option (gitaly.op_type).op = ACCESSOR;";
    private static final String READ_STORAGE = "option (gitaly.op_type) = {op: ACCESSOR scope_level: STORAGE};";

    @TempDir
    Path directory;

    private Protoc protoc;

    @BeforeEach
    void prepare() {
        protoc = new Protoc(directory);
    }

    /** Lints a method whose request is R, in a file that has the lines. */
    private List<String> reasons(String option, String... lines) {
        List<String> file = new ArrayList<>(List.of(
                "syntax = \"proto3\";",
                "package a;",
                "import \"lint.proto\";",
                "import \"shared.proto\";",
                "import \"sluice/resource.proto\";",
                "service S { rpc M(R) returns (R) {" + option + "} }"));
        file.addAll(List.of(lines));
        protoc.with("a.proto", file.toArray(String[]::new));
        return LINTER.lint(protoc.describe("a.proto"), name -> true).stream()
                .map(Finding::reason)
                .toList();
    }

    @Test
    void shouldLookAtAMessageWithinItselfOnce() {
        assertThat(reasons(
                        READ,
                        "message R { gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; R again = 2; }"))
                .isEmpty();
        assertThat(reasons(
                        READ,
                        "message R { A a = 1; }",
                        "message A { B b = 1; gitaly.Repository repo = 2 [(gitaly.target_repository) = true]; }",
                        "message B { A a = 1; repeated B more = 2; }"))
                .isEmpty();
        assertThat(reasons(READ, "message R { R again = 1; }"))
                .containsExactly("unexpected count of target_repository fields 0, expected 1, found target_repository"
                        + " label at: []");
    }

    @Test
    void shouldRefuseATargetOfWhichThereCanBeMany() {
        assertThat(reasons(
                        READ,
                        "message R { repeated gitaly.Repository repos = 1 [(gitaly.target_repository) = true]; }"))
                .containsExactly("wrong type of field R.repos, expected .gitaly.Repository, got repeated"
                        + " .gitaly.Repository");
        assertThat(reasons(
                        READ,
                        "message R { map<string, gitaly.Repository> repos = 1 [(gitaly.target_repository) = true]; }"))
                .containsExactly("wrong type of field R.repos, expected .gitaly.Repository, got map<string,"
                        + " .gitaly.Repository>");
        assertThat(reasons(
                        READ,
                        "message R { map<int32, Item> items = 1; }",
                        "message Item { gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; }"))
                .containsExactly("target_repository label at R.items.value.repo is below the repeated field items");
        assertThat(reasons(
                        READ,
                        "message R { repeated Item items = 1 [(gitaly.target_repository) = true]; }",
                        "message Item { gitaly.Repository repo = 1 [(gitaly.repository) = true]; }"))
                .containsExactly("wrong type of field R.items, expected .gitaly.Repository, got repeated .a.Item");
    }

    @Test
    void shouldTellMessagesOfEqualNamesApart() {
        protoc.with(
                "b.proto",
                "syntax = \"proto3\";",
                "package b;",
                "import \"lint.proto\";",
                "import \"shared.proto\";",
                "message Header { gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; }",
                "message Repository { string path = 1; }");

        assertThat(reasons(
                        READ,
                        "import \"b.proto\";",
                        "message Header { string name = 1; }",
                        "message Other { message Header { int32 n = 1; } }",
                        "message R { Header a = 1; b.Header b = 2; Other.Header c = 3; }"))
                .isEmpty();
        assertThat(reasons(
                        READ,
                        "import \"b.proto\";",
                        "message R { message Header { b.Repository r = 1 [(gitaly.repository) = true]; }",
                        "  Header header = 1 [(gitaly.target_repository) = true]; }"))
                .containsExactly("wrong type of field R.header.r, expected .gitaly.Repository, got .b.Repository");
    }

    @Test
    void shouldFindWhatIsNestedInAnotherMessage() {
        assertThat(reasons(
                        READ,
                        "message Other { message Header {",
                        "  gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; } }",
                        "message R { oneof payload { Other.Header header = 1; bytes data = 2; } }"))
                .isEmpty();
    }

    @Test
    void shouldRefuseAStorageThatIsNoString() {
        assertThat(reasons(READ_STORAGE, "message R { int64 storage = 1 [(gitaly.storage) = true]; }"))
                .containsExactly("wrong type of field R.storage, expected string, got int64");
        assertThat(reasons(READ_STORAGE, "message R { repeated string storage = 1 [(gitaly.storage) = true]; }"))
                .containsExactly("wrong type of field R.storage, expected string, got repeated string");
        assertThat(reasons(READ_STORAGE, "message R { gitaly.Repository storage = 1 [(gitaly.storage) = true]; }"))
                .containsExactly("wrong type of field R.storage, expected string, got .gitaly.Repository");
    }

    @Test
    void shouldLintTheAdditionalRepository() {
        String target = "gitaly.Repository repo = 1 [(gitaly.target_repository) = true];";
        String one = "gitaly.ObjectPool one = 2 [(gitaly.additional_repository) = true];";

        assertThat(reasons(READ, "message R {" + target + one + "}")).isEmpty();
        assertThat(reasons(
                        READ,
                        "message R {" + target + one,
                        "  gitaly.Repository two = 3 [(gitaly.additional_repository) = true]; }"))
                .containsExactly("unexpected count of additional_repository fields 2, expected 1, found"
                        + " additional_repository label at: [R.one.repository R.two]");
        assertThat(reasons(READ, "message R {" + target + " string n = 2 [(gitaly.additional_repository) = true]; }"))
                .containsExactly("unexpected count of additional_repository fields 0, expected 1, found"
                        + " additional_repository label at: []");
        assertThat(reasons(
                        READ,
                        "message Inner { string name = 1 [(gitaly.repository) = true]; }",
                        "message R {" + target + " Inner in = 2 [(gitaly.additional_repository) = true]; }"))
                .containsExactly("wrong type of field R.in.name, expected .gitaly.Repository, got string");
        assertThat(reasons(READ_STORAGE, "message R { string storage = 1 [(gitaly.storage) = true];" + one + "}"))
                .containsExactly("unexpected count of additional_repository fields 1, expected 0, found"
                        + " additional_repository label at: [R.one.repository]");
        assertThat(reasons(
                        READ,
                        "message R { gitaly.Repository repo = 1 [",
                        "  (gitaly.target_repository) = true, (gitaly.additional_repository) = true]; }"))
                .containsExactly("both target_repository and additional_repository label at: [R.repo]");
    }

    @Test
    void shouldRefuseALabelThatMarksNothingBesideOneThatDoes() {
        assertThat(reasons(
                        READ,
                        "message R { gitaly.Repository repo = 1 [(gitaly.target_repository) = true];",
                        "  int32 number = 2 [(gitaly.target_repository) = true]; }"))
                .containsExactly("wrong type of field R.number, expected .gitaly.Repository, got int32");
    }

    @Test
    void shouldRefuseNumbersThatMeanNothing() {
        // Text that protoc refuses is not what annotations of another time need to have been.
        protoc.with(
                "later.proto",
                "syntax = \"proto3\";",
                "package later;",
                "import \"google/protobuf/descriptor.proto\";",
                "message Op { int32 op = 1; int32 scope = 2; }",
                "extend google.protobuf.MethodOptions { Op op = 82303; }");
        String[] lines = {"import \"later.proto\";", "message R {}"};

        assertThat(reasons("option (later.op) = {op: 9};", lines))
                .containsExactly("invalid operation class with int32 value of 9");
        assertThat(reasons("option (later.op) = {op: 1 scope: 7};", lines))
                .containsExactly("unknown operation scope level 7");
        assertThat(reasons("option (later.op) = {op: 2 scope: 1};", lines))
                .containsExactly("unknown operation scope level 1");
    }

    @Test
    void shouldTakeMaintenanceLikeAnyOperation() {
        assertThat(reasons("option (gitaly.op_type).op = MAINTENANCE;", "message R {}"))
                .containsExactly("unexpected count of target_repository fields 0, expected 1, found target_repository"
                        + " label at: []");
    }

    @Test
    void shouldKnowLocatorsOfAnyKind() {
        String read = "option (sluice.operation) = {effect: READ};";
        String volume = "message Volume { option (sluice.locator) = {group: \"cluster\" key: \"name\"};"
                + " string cluster = 1; string name = 2; int32 size = 3; }";

        assertThat(reasons(read, volume, "message R { Volume volume = 1 [(sluice.target) = true]; }"))
                .isEmpty();
        assertThat(reasons(
                        read,
                        volume,
                        "message R { sluice.Locator a = 1 [(sluice.target) = true];",
                        "  Volume b = 2 [(sluice.additional_target) = true]; }"))
                .isEmpty();
        assertThat(reasons(read, "message R { gitaly.Repository repo = 1 [(sluice.target) = true]; }"))
                .isEmpty();
        assertThat(reasons(
                        read,
                        "message Pool { sluice.Locator inner = 1 [(sluice.resource) = true]; }",
                        "message R { Pool pool = 1 [(sluice.target) = true]; }"))
                .isEmpty();
        assertThat(reasons(
                        read,
                        "message Pool { string inner = 1 [(sluice.resource) = true]; }",
                        "message R { Pool pool = 1 [(sluice.target) = true]; }"))
                .containsExactly(
                        "wrong type of field R.pool.inner, expected a message with (sluice.locator), got string");
        assertThat(reasons(
                        "option (sluice.operation) = {effect: WRITE scope: GROUP};",
                        "message R { string cluster = 1 [(sluice.group) = true]; }"))
                .isEmpty();
        assertThat(reasons(read, "message R { gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; }"))
                .containsExactly("unexpected count of target fields 0, expected 1, found target label at: []");
    }

    @Test
    void shouldRefuseALocatorWhoseFieldsAreNone() {
        String operation = "option (sluice.handled_by_proxy) = true;";

        assertThat(
                        reasons(
                                operation,
                                "message R { option (sluice.locator) = {group: \"a\" key: \"b\"}; string a = 1; int32 b = 2; }"))
                .containsExactly("a locator's group and key are single string fields, and none is called \"b\"");
        assertThat(reasons(operation, "message R { option (sluice.locator) = {group: \"a\"}; string a = 1; }"))
                .containsExactly("a locator's group and key are single string fields, and none is called \"\"");
    }

    @Test
    void shouldSayWhatTheFileWouldSayWhenAMethodIsNotAnnotated() {
        assertThat(reasons("", "message R {}")).containsExactly("missing operation extension");
        assertThat(reasons("option (sluice.operation) = {};", "message R {}"))
                .containsExactly("effect set to EFFECT_UNSPECIFIED");
        assertThat(reasons(READ + "option (sluice.operation) = {effect: READ};", "message R {}"))
                .containsExactly("both op_type and operation set, one is enough");
        assertThat(reasons(READ + "option (sluice.handled_by_proxy) = true;", "message R {}"))
                .containsExactly("operation type defined on an intercepted method");
    }

    @Test
    void shouldFindNothingInGeneratedCodeOfOurs() {
        assertThat(new Linter(LintSettings.DEFAULT)
                        .lint(List.of(FilesProto.getDescriptor(), TestStreamProto.getDescriptor())))
                .isEmpty();
    }

    @Test
    void shouldRefuseSettingsThatLetAnnotationsBeWrong() {
        assertThatThrownBy(() -> new LintSettings(Map.of(Rule.ANNOTATION, Severity.OFF), true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LintSettings.parse("annotation=off")).isInstanceOf(IllegalArgumentException.class);
    }
}
