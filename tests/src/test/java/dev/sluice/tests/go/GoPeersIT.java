package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The peers by themselves: what they do with each other must be right before they say anything about Sluice. */
@Tag("any-jdk")
class GoPeersIT {
    @BeforeAll
    static void build() throws Exception {
        GoPeers.build();
    }

    @Test
    void shouldAgreeAmongThemselves() throws Exception {
        GoPeers.run("go", "test", "./...");
    }

    @Test
    void shouldBeFormattedAndVetted() throws Exception {
        assertThat(GoPeers.run("gofmt", "-l", ".")).isEmpty();
        GoPeers.run("go", "vet", "./...");
    }
}
