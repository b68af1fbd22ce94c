package dev.sluice.bench.file;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.NettyTransport;
import dev.sluice.grpc.Grpc;
import dev.sluice.streamrpc.StreamRpc;
import java.io.IOException;
import java.nio.file.Path;

/** The ways to send a file that are measured side by side. */
public enum FilePeer {
    /** StreamRPC: a call, then the file. */
    SLUICE("sluice get", Kind.SLUICE) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new SluiceFileServer(endpoint, file);
        }
    },
    /** The file service of the command: the same, with length and checksum compared at both ends. */
    SLUICE_FILES("sluice get, checked", Kind.SLUICE) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new SluiceFileServiceServer(endpoint, file, files -> StreamRpc.serve(s -> s.addService(files)));
        }
    },
    /** The same files as messages of gRPC, with the same comparison. */
    SLUICE_GRPC("sluice get, gRPC", Kind.GRPC) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new SluiceFileServiceServer(
                    endpoint, file, files -> Grpc.serve(b -> files.overGrpc().forEach(b::addService)));
        }
    },
    /** {@code FileChannel.transferTo} in a loop. */
    TRANSFER_TO("plain transferTo", Kind.PLAIN) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new PlainFileServer(endpoint, file, PlainFileServer::transferTo);
        }
    },
    /** Writes from a mapping in a loop. */
    MAPPED("plain mapped write", Kind.PLAIN) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new PlainFileServer(endpoint, file, PlainFileServer::writeMapped);
        }
    },
    /** Reads into a direct buffer and writes from it, in a loop. */
    COPY("plain copy", Kind.PLAIN) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new PlainFileServer(endpoint, file, PlainFileServer::copy);
        }
    },
    /** Netty's {@code FileRegion} on the JDK's selector. */
    NETTY_NIO("netty region, nio", Kind.NETTY) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new NettyFileServer(endpoint, file, NettyTransport.NIO);
        }
    },
    /** Netty's {@code FileRegion} on epoll. */
    NETTY_EPOLL("netty region, epoll", Kind.NETTY) {
        @Override
        MeasuredServer start(String endpoint, Path file) throws IOException {
            return new NettyFileServer(endpoint, file, NettyTransport.EPOLL);
        }
    };

    /** What a ratio may refer to. */
    enum Kind {
        SLUICE,
        GRPC,
        PLAIN,
        NETTY
    }

    private final String label;
    private final Kind kind;

    FilePeer(String label, Kind kind) {
        this.label = label;
        this.kind = kind;
    }

    abstract MeasuredServer start(String endpoint, Path file) throws IOException;

    String label() {
        return label;
    }

    Kind kind() {
        return kind;
    }
}
