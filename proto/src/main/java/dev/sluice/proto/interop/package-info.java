/** Generated from {@code sluice/interop.proto}: what peers try out on each other. All messages are immutable and thread-safe. */
package dev.sluice.proto.interop;
