package dev.sluice.proto.lint;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code protoc-gen-sluice-lint}: the linter as a plugin of protoc. It generates nothing.
 *
 * <p>Errors make protoc fail, and it prints them all. Warnings go to standard error, which is protoc's as well. Its parameter
 * ({@code --sluice-lint_opt}) is read by {@link LintSettings#parse}.
 */
public final class LintPlugin {
    private static final int MAX_REQUEST_BYTES = 256 << 20;

    /** As protoc knows them: fields of the response that the library has only in later versions, and the newest edition of today. */
    private static final int MINIMUM_EDITION_FIELD = 3;

    private static final int MAXIMUM_EDITION_FIELD = 4;
    private static final int EDITION_2024 = 1001;

    private final int maxRequestBytes;

    LintPlugin(int maxRequestBytes) {
        this.maxRequestBytes = maxRequestBytes;
    }

    /** Runs the plugin: protoc's request is on standard input, the response goes to standard output. */
    public static void main(String[] args) {
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());
        // Buffered, for a FileInputStream asks for its length before it reads much, and what protoc writes to has none.
        InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        int code = new LintPlugin(MAX_REQUEST_BYTES).run(in, new FileOutputStream(FileDescriptor.out), err);
        System.exit(code);
    }

    /**
     * Answers a request.
     *
     * @return the exit code: 0 if there is an answer, even one that tells of errors, and 1 if there is none because the request was not
     *     one of protoc's
     */
    int run(InputStream in, OutputStream out, PrintStream err) {
        try {
            answer(request(in), err).writeTo(out);
            out.flush();
            return 0;
        } catch (IOException | OutOfMemoryError e) {
            err.println("protoc-gen-sluice-lint: " + describe(e));
            return 1;
        }
    }

    private static String describe(Throwable failure) {
        if (failure instanceof InvalidProtocolBufferException) {
            return "standard input is not a request of protoc: " + failure.getMessage();
        }
        return failure instanceof OutOfMemoryError
                ? "the request needs more memory than there is: " + failure.getMessage()
                : failure.getMessage();
    }

    private CodeGeneratorRequest request(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(maxRequestBytes + 1);
        if (bytes.length > maxRequestBytes) {
            throw new IOException("the request is larger than " + maxRequestBytes + " bytes");
        }
        CodeGeneratorRequest request = CodeGeneratorRequest.parseFrom(bytes, ExtensionRegistry.getEmptyRegistry());
        if (request.getFileToGenerateCount() == 0) {
            throw new IOException("standard input is not a request of protoc: it names no file");
        }
        return request;
    }

    private static CodeGeneratorResponse answer(CodeGeneratorRequest request, PrintStream err) {
        List<String> errors = new ArrayList<>();
        try {
            for (Finding finding : lint(request)) {
                if (finding.severity() == Severity.ERROR) {
                    errors.add(finding.text());
                } else {
                    err.println("warning: " + finding.text());
                }
            }
        } catch (IllegalArgumentException e) {
            errors.add(e.getMessage());
        }
        CodeGeneratorResponse.Builder response = CodeGeneratorResponse.newBuilder()
                .setSupportedFeatures(Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
                .setUnknownFields(editions());
        if (!errors.isEmpty()) {
            response.setError(String.join("\n\t", errors));
        }
        return response.build();
    }

    private static List<Finding> lint(CodeGeneratorRequest request) {
        Linter linter = new Linter(LintSettings.parse(request.getParameter()));
        Set<String> sources = new HashSet<>(request.getFileToGenerateList());
        Set<String> missing = new TreeSet<>(sources);
        request.getProtoFileList().forEach(file -> missing.remove(file.getName()));
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("the request does not describe " + String.join(", ", missing));
        }
        FileDescriptorSet files = FileDescriptorSet.newBuilder()
                .addAllFile(request.getProtoFileList())
                .build();
        return linter.lint(files, sources::contains);
    }

    /** All of them: what the linter looks at is the same in each. */
    private static UnknownFieldSet editions() {
        return UnknownFieldSet.newBuilder()
                .mergeVarintField(MINIMUM_EDITION_FIELD, Edition.EDITION_PROTO2_VALUE)
                .mergeVarintField(MAXIMUM_EDITION_FIELD, EDITION_2024)
                .build();
    }
}
