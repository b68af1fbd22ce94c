/**
 * Generated from {@code sluice/resource.proto}: the annotations that say what an RPC does and to which resource
 * ({@link dev.sluice.proto.resource.ResourceProto}), for resources of any kind, and the name of a resource
 * ({@link dev.sluice.proto.resource.Locator}). All messages are immutable and thread-safe.
 */
package dev.sluice.proto.resource;
