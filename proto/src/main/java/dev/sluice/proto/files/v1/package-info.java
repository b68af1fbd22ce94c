/**
 * Generated from {@code sluice/files/v1/files.proto}: files under a root as byte streams. The service's description
 * there says byte by byte what the streams carry. All messages are immutable and thread-safe.
 */
package dev.sluice.proto.files.v1;
