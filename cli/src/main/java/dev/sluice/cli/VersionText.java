package dev.sluice.cli;

import picocli.CommandLine;

/** What {@code --version} says. */
final class VersionText implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionText.class.getPackage().getImplementationVersion();
        return new String[] {
            "sluice " + (version == null ? "(not packaged)" : version) + " on Java "
                    + System.getProperty("java.version")
        };
    }
}
