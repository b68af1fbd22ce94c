/**
 * What annotated methods do and to which resource, at run time: {@link dev.sluice.proto.registry.MethodRegistry} knows methods by
 * their names, {@link dev.sluice.proto.registry.MethodInfo} reads and rewrites the requests of one.
 */
package dev.sluice.proto.registry;
