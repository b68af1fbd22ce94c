package dev.sluice.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sluice.cli.interop.Voter;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.rpc.RpcProto;
import io.grpc.Metadata;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice call}: calls any method. Of a byte stream, standard input and output are the ends. */
@Command(
        name = "call",
        description = {
            "Call a method. Of a byte stream (StreamRPC), standard input goes to the stream, which is half-closed at its end,"
                    + " and the stream goes to standard output. Of any other method (gRPC), the answer is printed as JSON.",
            ""
        },
        footer = {
            "",
            "Which of the two a method is, and what its messages look like, the server's reflection tells. What that does not"
                    + " describe is called by StreamRPC. --protocol decides otherwise.",
            "Examples:",
            "  sluice call tcp://127.0.0.1:8075 list",
            "  sluice call tcp://127.0.0.1:8075 grpc.health.v1.Health/Check",
            "  sluice call --backchannel tcp://127.0.0.1:8075 \\",
            "    sluice.interop.CallService/CallBack '{\"question\": \"merge?\"}'",
            "  sluice call tcp://127.0.0.1:8075 sluice.files.v1.FileService/Stat \\",
            "    '{\"path\": \"some/file\"}'",
            "  echo hello | sluice call tcp://127.0.0.1:8075 \\",
            "    gitaly.TestStreamService/TestStream \\",
            "    '{\"repository\": {\"relativePath\": \"some/directory\"}, \"size\": 6}'"
        })
final class CallCommand implements Callable<Integer> {
    private static final String LIST = "list";

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "URI", converter = EndpointConverter.class, description = "The server.")
    private Endpoint server;

    @Parameters(
            index = "1",
            paramLabel = "METHOD",
            description =
                    "Full name of the method: package.Service/Method, with or without a leading slash. Or list: print"
                            + " the methods that the server's reflection knows.")
    private String method;

    @Parameters(
            index = "2",
            paramLabel = "JSON",
            defaultValue = "{}",
            description = "The request message in protobuf's JSON mapping. Default: an empty message.")
    private String json;

    @Option(
            names = "--message-base64",
            paramLabel = "BASE64",
            description = "The encoded request message, for methods that nobody describes.")
    private Optional<String> base64;

    @Option(
            names = {"-p", "--protocol"},
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "How to call: grpc, streamrpc, or auto, which chooses as described below. Default: auto.")
    private CallProtocol protocol;

    @Option(
            names = {"-m", "--metadata"},
            paramLabel = "KEY=VALUE",
            description = "Metadata to send; may be given more than once. Values of keys that end in -bin are base64.")
    private Map<String, String> metadata = Map.of();

    @Option(
            names = "--backchannel",
            description = "Connect as a client that the server can call back while it answers. It is answered by a"
                    + " sluice.interop.VoteService; what it asks for is told on standard error.")
    private boolean backchannel;

    @Mixin
    private TlsClientOptions tls = new TlsClientOptions();

    CallCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        Endpoint secured = tls.secure(server, streams.err());
        Target target = new Target(secured, backchannel ? voter().votingAt(secured) : secured);
        Metadata headers = headers();
        try (GrpcClient grpc = new GrpcClient(target, headers)) {
            if (method.equals(LIST)) {
                grpc.methods().forEach(out()::println);
            } else {
                call(new Caller(grpc, new StreamCaller(target, headers, streams)), methodName());
            }
        }
        return 0;
    }

    /** Both ways to call. */
    private record Caller(GrpcClient grpc, StreamCaller streams) {}

    /** The server says what it asks, so that is not printed as it is. */
    private Voter voter() {
        return new Voter(
                "sluice",
                question -> streams.err()
                        .println("sluice: asked to vote on \""
                                + new String(JsonStringEncoder.getInstance().quoteAsString(question)) + "\""));
    }

    private String methodName() {
        String name = method.startsWith("/") ? method.substring(1) : method;
        if (name.indexOf('/') <= 0) {
            throw usage("'" + method + "' is not the name of a method: it is written package.Service/Method");
        }
        return name;
    }

    private void call(Caller caller, String name) throws IOException, CommandFailure {
        Optional<MethodDescriptor> known = KnownMethods.find(name);
        // What is known as a stream here is one at every server, also at those that do not speak gRPC.
        if (protocol == CallProtocol.STREAMRPC || isStream(known)) {
            caller.streams().call(name, message(name, known));
            return;
        }
        Optional<MethodDescriptor> described = describe(caller.grpc(), name, known);
        if (described.isEmpty() || isStream(described)) {
            caller.streams().call(name, message(name, described.or(() -> known)));
        } else {
            caller.grpc().call(described.get(), message(name, described), out());
        }
    }

    private boolean isStream(Optional<MethodDescriptor> descriptor) {
        return protocol == CallProtocol.AUTO
                && descriptor
                        .filter(it -> it.getOptions().getExtension(RpcProto.byteStream))
                        .isPresent();
    }

    private Optional<MethodDescriptor> describe(GrpcClient grpc, String name, Optional<MethodDescriptor> known)
            throws CommandFailure {
        Optional<MethodDescriptor> found = grpc.find(name);
        if (found.isPresent() || protocol == CallProtocol.AUTO) {
            return found;
        }
        return known.isPresent() ? known : Optional.of(grpc.require(name)); // which says why not
    }

    private byte[] message(String name, Optional<MethodDescriptor> descriptor) throws CommandFailure {
        if (base64.isPresent()) {
            try {
                return Base64.getDecoder().decode(base64.get());
            } catch (IllegalArgumentException e) {
                throw usage("--message-base64 is not base64: " + e.getMessage());
            }
        }
        if (descriptor.isPresent()) {
            return new MessageJson(descriptor.get().getInputType()).encode(json);
        }
        if (!isEmptyObject(json)) {
            throw usage("the request message of " + name
                    + " is known neither here nor, by reflection, at the server; give"
                    + " it encoded, with --message-base64. Known here are " + String.join(", ", KnownMethods.names()));
        }
        return new byte[0];
    }

    private PrintStream out() {
        return new PrintStream(streams.out(), true, StandardCharsets.UTF_8); // as JSON is
    }

    /** An empty message has the same encoding whatever its type. */
    private static boolean isEmptyObject(String json) {
        return json.replaceAll("\\s", "").equals("{}");
    }

    private Metadata headers() {
        Metadata headers = new Metadata();
        metadata.forEach((key, value) -> {
            try {
                if (key.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                    headers.put(
                            Metadata.Key.of(key, Metadata.BINARY_BYTE_MARSHALLER),
                            Base64.getDecoder().decode(value));
                } else {
                    headers.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value);
                }
            } catch (IllegalArgumentException e) {
                throw usage("--metadata " + key + ": " + e.getMessage());
            }
        });
        return headers;
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
