/**
 * The linter for annotated protos: {@link dev.sluice.proto.lint.Linter} looks at descriptors,
 * {@link dev.sluice.proto.lint.LintPlugin} is a plugin of protoc that makes a build fail.
 *
 * <p>It needs protobuf-java at run time and nothing else.
 */
package dev.sluice.proto.lint;
