/**
 * Generated from {@code sluice/files/v1/files.proto}: files under a root as byte streams, of which the service's description
 * there says byte by byte what they carry; and from {@code file_messages.proto}: the same as streams of messages. All
 * messages are immutable and thread-safe.
 */
package dev.sluice.proto.files.v1;
