package dev.sluice.grpc;

import dev.sluice.nio.ByteStream;

/** What a client does with a sidechannel that a server has opened. */
@FunctionalInterface
public interface SidechannelCallback {
    /**
     * Streams, and may block. Reads what the server writes until the server ends the stream; to end what it writes itself it calls
     * {@link ByteStream#shutdownOutput()}. A stream that is closed without that, also by returning, looks cut to the server.
     *
     * @throws Exception which cuts the stream, and is the cause of what {@link SidechannelWaiter#close()} throws
     */
    void run(ByteStream stream) throws Exception;
}
