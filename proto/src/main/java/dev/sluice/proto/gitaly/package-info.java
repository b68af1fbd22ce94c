/**
 * Generated from {@code lint.proto}, {@code shared.proto} and {@code teststream.proto}: the RPC annotations
 * ({@link dev.sluice.proto.gitaly.LintProto}), the repository locator and the stream echo,
 * wire-compatible with Gitaly's.
 *
 * <p>The annotations are protobuf options. A method's descriptor answers
 * {@code descriptor.getOptions().getExtension(LintProto.opType)}. All messages are immutable and thread-safe.
 */
package dev.sluice.proto.gitaly;
