package dev.sluice.cli;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
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

/** {@code sluice call}: calls any StreamRPC method, standard input and output being its stream. */
@Command(
        name = "call",
        description = {
            "Call a StreamRPC method. Standard input goes to the stream, which is half-closed at its end; the stream goes to"
                    + " standard output.",
            ""
        },
        footer = {
            "",
            "Example: echo hello | sluice call tcp://127.0.0.1:8075 gitaly.TestStreamService/TestStream \\",
            "           '{\"repository\": {\"relativePath\": \"some/directory\"}, \"size\": 6}'"
        })
final class CallCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "URI", converter = EndpointConverter.class, description = "The server.")
    private Endpoint server;

    @Parameters(
            index = "1",
            paramLabel = "METHOD",
            description = "Full name of the method: package.Service/Method, with or without a leading slash.")
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
            description = "The encoded request message, for methods that this command does not know.")
    private Optional<String> base64;

    @Option(
            names = {"-m", "--metadata"},
            paramLabel = "KEY=VALUE",
            description = "Metadata to send; may be given more than once. Values of keys that end in -bin are base64.")
    private Map<String, String> metadata = Map.of();

    @Mixin
    private TlsClientOptions tls = new TlsClientOptions();

    CallCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        String name = method.startsWith("/") ? method.substring(1) : method;
        if (name.indexOf('/') <= 0) {
            throw usage("'" + method + "' is not the name of a method: it is written package.Service/Method");
        }
        byte[] message = message(name);
        StreamRpcClient.Builder builder = StreamRpcClient.builder(tls.secure(server, streams.err()));
        if (!metadata.isEmpty()) {
            builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers()));
        }
        try (StreamRpcClient client = builder.build();
                ByteStream stream = client.call(RawMethod.of(name), message)) {
            new StreamPump(stream, streams.in(), streams.out()).run();
        } catch (StreamRpcException e) {
            if (e.isRejection()) {
                throw e;
            }
            throw ConnectHint.addTo(e, server);
        }
        return 0;
    }

    private byte[] message(String name) throws CommandFailure {
        if (base64.isPresent()) {
            try {
                return Base64.getDecoder().decode(base64.get());
            } catch (IllegalArgumentException e) {
                throw usage("--message-base64 is not base64: " + e.getMessage());
            }
        }
        Optional<byte[]> known = KnownMethods.encode(name, json);
        if (known.isPresent()) {
            return known.get();
        }
        if (!isEmptyObject(json)) {
            throw usage("the request message of " + name + " is not known here; give it encoded, with"
                    + " --message-base64. Known are " + String.join(", ", KnownMethods.names()));
        }
        return new byte[0];
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
