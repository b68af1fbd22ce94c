package dev.sluice.tests.tls;

import dev.sluice.tls.Identity;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An authority and what it issued, made by the {@code openssl} command: files that others read as well. Immutable. */
final class TestCertificates {
    private static final List<String> EC = List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    private static final List<String> RSA = List.of("-newkey", "rsa:2048");

    private final Path folder;

    private TestCertificates(Path folder) {
        this.folder = folder;
    }

    /** Makes the authorities {@code ca} and {@code other}, and certificates of {@code ca}. */
    static TestCertificates create(Path folder) throws IOException {
        TestCertificates made = new TestCertificates(folder);
        made.authority("ca");
        made.authority("other");
        made.issue("ec", EC, "ca", "DNS:localhost,IP:127.0.0.1", 30);
        made.issue("rsa", RSA, "ca", "DNS:localhost,IP:127.0.0.1", 30);
        made.issue("second", EC, "ca", "DNS:second.example", 30);
        made.expire("ec", "expired");
        made.issue("client", EC, "ca", "DNS:client.example", 30);
        made.issue("untrusted", EC, "other", "DNS:client.example", 30);
        String manyNames = IntStream.range(0, 600)
                .mapToObj(i -> "DNS:a-rather-long-name-" + i + ".example")
                .collect(Collectors.joining(","));
        made.issue("large", EC, "ca", "DNS:localhost," + manyNames, 30);
        return made;
    }

    private void authority(String name) throws IOException {
        List<String> command = request(name, EC, 30);
        run(command);
    }

    private void issue(String name, List<String> key, String issuer, String names, int days) throws IOException {
        List<String> command = request(name, key, days);
        command.addAll(List.of("-CA", crt(issuer), "-CAkey", key(issuer)));
        command.addAll(List.of("-addext", "subjectAltName=" + names, "-addext", "basicConstraints=CA:FALSE"));
        run(command);
    }

    /** Makes an expired certificate for the key of another: {@code req} refuses to. */
    private void expire(String name, String expired) throws IOException {
        String request = folder.resolve("request.pem").toString();
        OpenSsl.run(
                "x509",
                "-x509toreq",
                "-copy_extensions",
                "copy",
                "-in",
                crt(name),
                "-signkey",
                key(name),
                "-out",
                request);
        OpenSsl.run(
                "x509",
                "-req",
                "-in",
                request,
                "-CA",
                crt("ca"),
                "-CAkey",
                key("ca"),
                "-set_serial",
                "7",
                "-days",
                "-1",
                "-copy_extensions",
                "copy",
                "-out",
                crt(expired));
        Files.copy(Path.of(key(name)), Path.of(key(expired)));
    }

    private List<String> request(String name, List<String> key, int days) {
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-nodes", "-subj", "/CN=" + name));
        command.addAll(key);
        command.addAll(List.of("-keyout", key(name), "-out", crt(name), "-days", Integer.toString(days)));
        return command;
    }

    private static void run(List<String> command) throws IOException {
        OpenSsl.run(command.toArray(String[]::new));
    }

    /** Returns the certificate's file. */
    String crt(String name) {
        return folder.resolve(name + ".crt").toString();
    }

    /** Returns the key's file. */
    String key(String name) {
        return folder.resolve(name + ".key").toString();
    }

    Identity identity(String name) throws IOException {
        return Identity.pem(Path.of(crt(name)), Path.of(key(name)));
    }

    Trust trust(String name) throws IOException {
        return Trust.pem(Path.of(crt(name)));
    }
}
