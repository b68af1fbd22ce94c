package dev.sluice.proto.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.proto.Protoc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin as protoc runs it, on everything that annotations can be. */
class LintPluginTest {
    @TempDir
    Path directory;

    private Protoc protoc;

    @BeforeEach
    void prepare() {
        protoc = new Protoc(directory);
    }

    private Protoc withCases(String style, String... names) {
        for (String name : names) {
            protoc.with(name, resource("/lint/" + style + "/" + name));
        }
        return protoc;
    }

    private static String resource(String name) {
        try (InputStream in = LintPluginTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> errors(Protoc.Result result) {
        assertThat(result.code()).as(result.output()).isNotZero();
        String prefix = "--sluice-lint_out: ";
        assertThat(result.output()).contains(prefix);
        String error = result.output().substring(result.output().indexOf(prefix) + prefix.length());
        return List.of(error.stripTrailing().split("\n\t"));
    }

    @Test
    void shouldFindNothingWhenAllIsAnnotatedRightly() {
        Protoc.Result result =
                withCases("marks", "valid.proto").lint(List.of("--sluice-lint_opt=naming=off"), "valid.proto");

        assertThat(result).isEqualTo(new Protoc.Result(0, ""));
    }

    @Test
    void shouldTellOfAllFaultsAtOnceWhenMarksAreWrong() {
        String noTarget =
                "unexpected count of target_repository fields 0, expected 1, found target_repository label at: []";
        String intercepted = "operation type defined on an intercepted method";

        Protoc.Result result = withCases("marks", "invalid.proto").lint(List.of(), "invalid.proto");

        assertThat(errors(result))
                .containsExactly(
                        "invalid.proto: service \"InterceptedWithOperationType\": method: \"InvalidMethod\": "
                                + intercepted,
                        invalid(0, "missing op_type extension"),
                        invalid(1, "op set to UNKNOWN"),
                        invalid(2, noTarget),
                        invalid(4, noTarget),
                        invalid(
                                5,
                                "wrong type of field RequestWithWrongTypeRepository.header.repository, expected"
                                        + " .gitaly.Repository, got .test.InvalidMethodResponse"),
                        invalid(6, noTarget),
                        invalid(7, noTarget),
                        invalid(8, noTarget),
                        invalid(
                                9,
                                "unexpected count of target_repository fields 1, expected 0, found target_repository"
                                        + " label at: [InvalidMethodRequestWithRepo.destination]"),
                        invalid(
                                10,
                                "unexpected count of storage field 1, expected 0, found storage label at:"
                                        + " [RequestWithStorageAndRepo.storage_name]"),
                        invalid(
                                11,
                                "unexpected count of storage field 1, expected 0, found storage label at:"
                                        + " [RequestWithNestedStorageAndRepo.inner_message.storage_name]"),
                        invalid(13, "unexpected count of storage field 0, expected 1, found storage label at: []"),
                        invalid(
                                14,
                                "unexpected count of storage field 2, expected 1, found storage label at:"
                                        + " [RequestWithMultipleNestedStorage.inner_message.storage_name"
                                        + " RequestWithMultipleNestedStorage.storage_name]"),
                        invalid(15, intercepted));
    }

    private static String invalid(int method, String reason) {
        return "invalid.proto: service \"InvalidService\": method: \"InvalidMethod" + method + "\": " + reason;
    }

    @Test
    void shouldFindNothingWhenPathsAreRight() {
        Protoc.Result result = withCases("paths", "lint.proto", "valid.proto")
                .lint(List.of("--sluice-lint_opt=naming=off"), "valid.proto");

        assertThat(result).isEqualTo(new Protoc.Result(0, ""));
    }

    @Test
    void shouldTellOfAllFaultsInTheWordsOfThatTimeWhenPathsAreWrong() {
        Protoc.Result result = withCases("paths", "lint.proto", "invalid.proto").lint(List.of(), "invalid.proto");

        assertThat(errors(result))
                .containsExactly(
                        byPath(0, "missing op_type option"),
                        byPath(1, "op set to UNKNOWN"),
                        byPath(2, "missing target repository field"),
                        byPath(3, "server level scoped RPC should not specify target repo"),
                        byPath(4, "missing target repository field"),
                        byPath(
                                5,
                                "unable to parse target field OID \uD83D\uDC1B: strconv.Atoi: parsing"
                                        + " \"\uD83D\uDC1B\": invalid syntax"),
                        byPath(6, "target repo OID [1] does not exist in request message"),
                        byPath(
                                7,
                                "unexpected type TYPE_INT32 (expected .gitaly.Repository) for target repo field"
                                        + " addressed by [1]"),
                        byPath(8, "expected 1-th field of OID [1 1] to be TYPE_MESSAGE, but got TYPE_INT32"),
                        byPath(9, "target repo OID [1 2] does not exist in request message"),
                        byPath(
                                10,
                                "unexpected type TYPE_INT32 (expected .gitaly.Repository) for target repo field"
                                        + " addressed by [1 1]"),
                        byPath(11, "storage level scoped RPC should not specify target repo"),
                        byPath(12, "zero is an invalid field number"));
    }

    private static String byPath(int method, String reason) {
        return "invalid.proto: Method \"InvalidMethod" + method + "\": " + reason;
    }

    @Test
    void shouldLookAtImportsUnlessToldNotTo() {
        withCases("marks", "invalid.proto")
                .with("mine.proto", "syntax = \"proto3\";", "package mine;", "import \"invalid.proto\";");

        assertThat(errors(protoc.lint(List.of(), "mine.proto"))).hasSize(15);
        assertThat(protoc.lint(List.of("--sluice-lint_opt=imports=off"), "mine.proto")
                        .code())
                .isZero();
    }

    @Test
    void shouldFailOnConventionsOnlyWhenToldTo() {
        withCases("marks", "valid.proto");
        String finding = "valid.proto: service \"InterceptedService\": method: \"TestMethod\": its request is called"
                + " ValidRequest, expected TestMethodRequest [request-name]";

        Protoc.Result usual = protoc.lint(List.of(), "valid.proto");
        Protoc.Result strict = protoc.lint(List.of("--sluice-lint_opt=naming=error"), "valid.proto");
        Protoc.Result one = protoc.lint(List.of("--sluice-lint_opt=naming=off,request-name=error"), "valid.proto");

        assertThat(usual.code()).isZero();
        assertThat(usual.output().lines()).contains("warning: " + finding);
        assertThat(errors(strict)).contains(finding);
        assertThat(errors(one)).contains(finding).allMatch(text -> text.endsWith("[request-name]"));
    }

    @Test
    void shouldSayWhatThereIsWhenASettingIsUnknown() {
        withCases("marks", "valid.proto");

        Protoc.Result key = protoc.lint(List.of("--sluice-lint_opt=bogus=on"), "valid.proto");
        Protoc.Result value = protoc.lint(List.of("--sluice-lint_opt=naming=loud"), "valid.proto");

        assertThat(errors(key)).singleElement().asString().contains("'bogus'", "imports, naming, request-name");
        assertThat(errors(value)).containsExactly("'naming=loud' is not a setting: the value is off, warning, error");
    }

    @Test
    void shouldSayThatItKnowsOptionalFieldsAndEditions() {
        protoc.with(
                        "optional.proto",
                        "syntax = \"proto3\";",
                        "package mine;",
                        "import \"lint.proto\";",
                        "import \"shared.proto\";",
                        "message M { optional gitaly.Repository r = 1 [(gitaly.target_repository) = true]; }",
                        "service S { rpc C(M) returns (M) { option (gitaly.op_type).op = ACCESSOR; } }")
                .with(
                        "edition.proto",
                        "edition = \"2023\";",
                        "package mine;",
                        "message N { int32 n = 1; }",
                        "service T { rpc C(N) returns (N); }");

        assertThat(protoc.lint(List.of(), "optional.proto").code()).isZero();
        assertThat(errors(protoc.lint(List.of("--experimental_editions"), "edition.proto")))
                .containsExactly("edition.proto: service \"T\": method: \"C\": missing op_type extension");
    }

    @Test
    void shouldFindNothingWrongWithOurOwnFiles() throws IOException {
        Path sources = Path.of("src/main/proto");
        List<String> names;
        try (Stream<Path> files = Files.walk(sources)) {
            names = files.filter(file -> file.toString().endsWith(".proto"))
                    .map(file -> sources.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
        names.forEach(name -> protoc.with(name, resource("/" + name)));

        Protoc.Result result = protoc.lint(List.of("--sluice-lint_opt=naming=error"), names.toArray(String[]::new));

        assertThat(names).contains("sluice/files/v1/files.proto");
        assertThat(result).isEqualTo(new Protoc.Result(0, ""));
    }
}
