/**
 * The file service, both ends: {@link dev.sluice.cli.files.FileServer} offers the files below a {@link
 * dev.sluice.cli.files.FileRoot}, {@link dev.sluice.cli.files.FileClient} gets and puts them. What goes over the wire is
 * described in {@code sluice/files/v1/files.proto}.
 */
package dev.sluice.cli.files;
