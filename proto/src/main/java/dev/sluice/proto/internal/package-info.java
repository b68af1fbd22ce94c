/** How annotations are read from descriptors: the one core of the linter and of the method registry. No I/O. */
package dev.sluice.proto.internal;
