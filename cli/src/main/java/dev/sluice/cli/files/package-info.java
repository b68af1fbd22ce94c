/**
 * The file service, both ends: {@link dev.sluice.cli.files.FileServer} offers the files below a {@link
 * dev.sluice.cli.files.FileRoot}, {@link dev.sluice.cli.files.FileClient} gets and puts them, {@link dev.sluice.cli.files.GrpcFileClient} by gRPC. What goes over
 * the wire is described in {@code sluice/files/v1/files.proto} and {@code file_messages.proto}.
 */
package dev.sluice.cli.files;
