package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What handshakes do not show: which key is offered for which kind and issuers. */
class KeyManagerTest {
    private static final Principal[] ROOT = {new X500Principal("CN=root")};
    private static final Principal[] STRANGER = {new X500Principal("CN=stranger")};

    private Identity leaf;
    private Identity rsa;
    private Identity selfSigned;
    private Identities identities;
    private X509ExtendedKeyManager keys;

    @BeforeEach
    void load() throws IOException {
        leaf = Identity.pem(file("chain.crt"), file("ec-sec1.key"));
        rsa = Identity.pem(file("rsa.crt"), file("rsa-pkcs8.key"));
        selfSigned = Identity.selfSigned("self.example.org");
        identities = Identities.bySni(
                List.of(selfSigned, leaf, rsa),
                Map.of("rsa.example.org", List.of(rsa), "self.example.org", List.of(selfSigned)));
        keys = identities.keyManager();
    }

    private Identity shown(String alias) {
        return List.of(leaf, rsa, selfSigned).stream()
                .filter(identity -> identity.privateKey() == keys.getPrivateKey(alias))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "EC, EC",
        "EC_EC, EC",
        "ECDHE_ECDSA, EC",
        "EC/secp256r1, EC",
        "RSA, RSA",
        "ECDHE_RSA, RSA",
        "DHE_RSA, RSA",
        "KE:RSA, RSA",
    })
    void shouldShowAKeyOfTheKindWhenAnyProviderAsks(String keyType, String algorithm) {
        String alias = keys.chooseEngineServerAlias(keyType, null, null);

        assertThat(keys.getPrivateKey(alias).getAlgorithm()).isEqualTo(algorithm);
        assertThat(keys.getCertificateChain(alias)).isNotEmpty();
        assertThat(keys.chooseServerAlias(keyType, null, null)).isEqualTo(alias);
    }

    @ParameterizedTest
    @CsvSource({"EdDSA", "Ed25519", "RSASSA-PSS", "DSA", "UNKNOWN", "''"})
    void shouldShowNothingWhenNoKeyIsOfTheKind(String keyType) {
        assertThat(keys.chooseEngineServerAlias(keyType, null, null)).isNull();
        assertThat(keys.chooseEngineClientAlias(new String[] {keyType}, null, null))
                .isNull();
        assertThat(keys.getServerAliases(keyType, null)).isNull();
        assertThat(keys.getClientAliases(keyType, null)).isNull();
    }

    @Test
    void shouldPreferWhatTheClientsIssuersSignedButShowAnotherRatherThanNothing() {
        assertThat(shown(keys.chooseEngineServerAlias("EC", ROOT, null))).isSameAs(leaf);
        assertThat(shown(keys.chooseEngineServerAlias("EC", new Principal[0], null)))
                .isSameAs(selfSigned);
        assertThat(shown(keys.chooseEngineServerAlias("EC", STRANGER, null))).isSameAs(selfSigned);
    }

    @Test
    void shouldOfferOnlyWhatTheServersIssuersSignedWhenBeingAClient() {
        String[] kinds = {"DSA", "RSA", "EC"};

        assertThat(shown(keys.chooseEngineClientAlias(kinds, ROOT, null))).isSameAs(leaf);
        assertThat(shown(keys.chooseEngineClientAlias(kinds, null, null))).isSameAs(rsa);
        assertThat(keys.chooseEngineClientAlias(kinds, STRANGER, null)).isNull();
        assertThat(keys.chooseClientAlias(kinds, STRANGER, null)).isNull();
    }

    @Test
    void shouldListEachIdentityOnceWhenSeveralNamesLeadToIt() {
        assertThat(keys.getServerAliases("EC", null)).hasSize(2);
        assertThat(keys.getServerAliases("RSA", null)).hasSize(1);
        assertThat(keys.getClientAliases("EC", ROOT)).hasSize(1);
    }

    @Test
    void shouldKnowNothingWhenTheAliasIsUnknown() {
        assertThat(keys.getPrivateKey("unknown")).isNull();
        assertThat(keys.getCertificateChain("unknown")).isNull();
    }

    @Test
    void shouldChooseTheFirstWhenANameHasSeveral() {
        assertThat(identities.choose(Optional.empty())).isSameAs(selfSigned);
        assertThat(identities.choose(Optional.of("RSA.example.org"))).isSameAs(rsa);
        assertThat(Identities.of(rsa, leaf).choose(Optional.of("any"))).isSameAs(rsa);
    }

    @Test
    void shouldNeverCallWhenIdentitiesAreFixed() {
        try (Identities.Subscription subscription = identities.onChange(() -> {
            throw new AssertionError("fixed identities changed");
        })) {
            assertThat(subscription).isNotNull();
        }
    }
}
