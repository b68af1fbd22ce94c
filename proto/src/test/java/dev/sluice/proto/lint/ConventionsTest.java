package dev.sluice.proto.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import dev.sluice.proto.Protoc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conventions of naming and shape. */
class ConventionsTest {
    private static final String READ = "option (sluice.operation) = {effect: READ scope: GROUP};";
    private static final String WRITE = "option (sluice.operation) = {effect: WRITE scope: GROUP};";

    @TempDir
    Path directory;

    private Protoc protoc;

    @BeforeEach
    void prepare() {
        protoc = new Protoc(directory);
    }

    private FileDescriptorSet describe(String... lines) {
        List<String> file = new ArrayList<>(List.of(
                "syntax = \"proto3\";",
                "package a;",
                "import \"google/protobuf/empty.proto\";",
                "import \"sluice/resource.proto\";",
                "import \"sluice/rpc.proto\";"));
        file.addAll(List.of(lines));
        return protoc.with("a.proto", file.toArray(String[]::new)).describe("a.proto");
    }

    /** Returns what breaks one rule. */
    private List<String> breaches(Rule rule, String... lines) {
        return new Linter(LintSettings.parse("naming=off," + rule.id() + "=warning"))
                .lint(describe(lines), name -> name.equals("a.proto")).stream()
                        .filter(finding -> finding.rule() == rule)
                        .map(Finding::text)
                        .toList();
    }

    private static String rpc(String name, String shape, String option) {
        String[] messages = shape.split(" ", -1);
        return "service S { rpc " + name + "(" + messages[0].replace("*", "stream ") + ") returns ("
                + messages[1].replace("*", "stream ") + ") {" + option + "} }";
    }

    @Test
    void shouldNameRequestAndResponseAfterTheMethod() {
        String messages = "message PutRequest {} message PutResponse {} message Other {}";
        String put = "a.proto: service \"S\": method: \"Put\": ";

        assertThat(breaches(Rule.REQUEST_NAME, messages, rpc("Put", "PutRequest PutResponse", WRITE)))
                .isEmpty();
        assertThat(breaches(Rule.REQUEST_NAME, messages, rpc("Put", "Other Other", WRITE)))
                .containsExactly(put + "its request is called Other, expected PutRequest [request-name]");
        assertThat(breaches(Rule.RESPONSE_NAME, messages, rpc("Put", "Other google.protobuf.Empty", WRITE)))
                .containsExactly(put + "its response is called Empty, expected PutResponse [response-name]");
        assertThat(breaches(
                        Rule.RESPONSE_NAME,
                        messages,
                        rpc("Put", "Other google.protobuf.Empty", WRITE + "option (sluice.byte_stream) = true;")))
                .isEmpty();
    }

    @Test
    void shouldHoldVerbsToWhatTheyDo() {
        String message = "message M {}";

        for (String name : List.of("GetBranch", "Get", "ListBranches", "IsBranch")) {
            assertThat(breaches(Rule.VERB_EFFECT, message, rpc(name, "M M", READ)))
                    .isEmpty();
            assertThat(breaches(Rule.VERB_EFFECT, message, rpc(name, "M M", WRITE)))
                    .singleElement()
                    .asString()
                    .contains(" only reads, expected ACCESSOR or READ [verb-effect]");
        }
        for (String name : List.of("CreateBranch", "UpdateBranch", "DeleteBranch")) {
            assertThat(breaches(Rule.VERB_EFFECT, message, rpc(name, "M M", WRITE)))
                    .isEmpty();
            assertThat(breaches(Rule.VERB_EFFECT, message, rpc(name, "M M", READ)))
                    .singleElement()
                    .asString()
                    .contains(" changes something, expected MUTATOR or WRITE [verb-effect]");
        }
        for (String name : List.of("Getaway", "Issue", "Listen", "FetchRemote")) {
            assertThat(breaches(Rule.VERB_EFFECT, message, rpc(name, "M M", WRITE)))
                    .isEmpty();
        }
        assertThat(breaches(Rule.VERB_EFFECT, message, rpc("GetX", "M M", "option (sluice.handled_by_proxy) = true;")))
                .isEmpty();
    }

    @Test
    void shouldStreamLists() {
        assertThat(breaches(Rule.LIST_STREAM, "message M {}", rpc("ListBranches", "M *M", READ)))
                .isEmpty();
        assertThat(breaches(Rule.LIST_STREAM, "message M {}", rpc("ListBranches", "M M", READ)))
                .containsExactly("a.proto: service \"S\": method: \"ListBranches\": what is called List streams its"
                        + " response [list-stream]");
    }

    @Test
    void shouldAnswerWithOneBool() {
        String rpc = rpc("IsBranch", "M A", READ);

        assertThat(breaches(Rule.IS_BOOL, "message M {} message A { bool yes = 1; }", rpc))
                .isEmpty();
        for (String fields : List.of("", "string s = 1;", "repeated bool b = 1;", "bool a = 1; bool b = 2;")) {
            assertThat(breaches(Rule.IS_BOOL, "message M {} message A {" + fields + "}", rpc))
                    .hasSize(1);
        }
    }

    @Test
    void shouldPutHeaderAndDataIntoOneOneof() {
        String header = "message M {} message H {} ";
        String rpc = rpc("Download", "M *D", READ);

        assertThat(breaches(Rule.HEADER_DATA, header + "message D { oneof p { H header = 1; bytes data = 2; } }", rpc))
                .isEmpty();
        assertThat(breaches(Rule.HEADER_DATA, header + "message D { bytes data = 2; }", rpc))
                .isEmpty();
        assertThat(breaches(Rule.HEADER_DATA, header + "message D { H header = 1; bytes data = 2; }", rpc))
                .containsExactly("a.proto: message \"a.D\": header, a message, and data, bytes, belong into one oneof"
                        + " of a streamed message [header-data]");
        assertThat(breaches(
                        Rule.HEADER_DATA,
                        header + "message D { optional H header = 1; optional bytes data = 2; }",
                        rpc))
                .hasSize(1);
        assertThat(breaches(Rule.HEADER_DATA, header + "message D { oneof p { H header = 1; string data = 2; } }", rpc))
                .hasSize(1);
        assertThat(breaches(
                        Rule.HEADER_DATA,
                        header + "message D { H header = 1; bytes data = 2; }",
                        rpc("Download", "M D", READ)))
                .isEmpty();
    }

    @Test
    void shouldWantAComment() {
        String[] lines = {
            "// One.",
            "message One {",
            "  int32 trailing = 1; // not above it",
            "  // Above it.",
            "  int32 above = 2;",
            "  message Inner {",
            "    // Of a map, whose entry nobody wrote.",
            "    map<int32, int32> entries = 1;",
            "  }",
            "}",
            "service S {",
            "  rpc M(One) returns (One);",
            "}"
        };

        assertThat(breaches(Rule.COMMENT, lines))
                .containsExactly(
                        "a.proto: service \"S\": method: \"M\": no comment above it [comment]",
                        "a.proto: message \"a.One\": field: \"trailing\": no comment above it [comment]",
                        "a.proto: message \"a.One.Inner\": no comment above it [comment]");

        FileDescriptorSet.Builder without = describe(lines).toBuilder();
        without.getFileBuilderList().forEach(file -> file.clearSourceCodeInfo());
        assertThat(new Linter(LintSettings.DEFAULT).lint(without.build(), name -> true))
                .noneMatch(finding -> finding.rule() == Rule.COMMENT);
    }

    @Test
    void shouldLookAtSourcesOnly() {
        FileDescriptorSet set = describe("message M {}", rpc("GetX", "M M", WRITE));

        assertThat(new Linter(LintSettings.parse("comment=off")).lint(set, name -> false))
                .allMatch(finding -> finding.rule() == Rule.ANNOTATION);
    }
}
