/** Generated from {@code sluice/rpc.proto}: what a caller has to know of an RPC beyond its messages. */
package dev.sluice.proto.rpc;
