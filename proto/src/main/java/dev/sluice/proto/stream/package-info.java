/**
 * Streams of gRPC messages for code that blocks: many small items packed into few messages ({@link dev.sluice.proto.stream.Chunker}), large
 * ones cut into many and put together again ({@link dev.sluice.proto.stream.MessageOutputStream}, {@link
 * dev.sluice.proto.stream.ItemReader}), and calls whose messages are sent and awaited at the peer's pace ({@link
 * dev.sluice.proto.stream.BlockingMethods} for servers, {@link dev.sluice.proto.stream.BlockingCall} for clients).
 */
package dev.sluice.proto.stream;
