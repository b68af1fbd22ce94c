package dev.sluice.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens of a shared secret and the time, {@code v2.<hex of HMAC-SHA256(secret, seconds)>.<seconds>} (docs/grpc.md, "Tokens"): Gitaly's.
 * A token is good for half a minute before and after its time, for as many calls as one likes: it keeps strangers out, and
 * is worth reading along, so send it over TLS or Unix sockets.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class HmacTokens {
    /** How far a token's time may be from the verifier's, in either direction. */
    public static final Duration TOLERANCE = Duration.ofSeconds(30);

    private static final String ALGORITHM = "HmacSHA256";
    private static final String VERSION = "v2";
    private static final int PARTS = 3;
    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,19}");

    /** What there is to say of a token. */
    public enum Verdict {
        /** Made with the secret, and of this time. */
        OK,
        /** Not a token. */
        MALFORMED,
        /** Of a version that is not spoken here. */
        UNKNOWN_VERSION,
        /** Made with another secret, or altered. */
        WRONG_SIGNATURE,
        /** Made with the secret, without a time. */
        UNREADABLE_TIME,
        /** Made more than {@link #TOLERANCE} ago. */
        TOO_OLD,
        /** Made more than {@link #TOLERANCE} in the future: a clock is wrong. */
        TOO_NEW
    }

    private final SecretKeySpec key;
    private final InstantSource clock;

    /**
     * Creates the maker and judge of tokens.
     *
     * @throws IllegalArgumentException if the secret is empty
     */
    public HmacTokens(String secret) {
        this(secret, InstantSource.system());
    }

    HmacTokens(String secret, InstantSource clock) {
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("the secret is empty: everybody would know it");
        }
        this.key = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Returns a token of now. */
    public String issue() {
        String seconds = Long.toString(clock.instant().getEpochSecond());
        return VERSION + "." + HexFormat.of().formatHex(sign(seconds)) + "." + seconds;
    }

    /** Judges a token. The signature is compared in constant time, and before the time is looked at. */
    public Verdict verify(String token) {
        String[] parts = token.split("\\.", PARTS);
        if (parts.length != PARTS) {
            return Verdict.MALFORMED;
        }
        byte[] signature;
        try {
            signature = HexFormat.of().parseHex(parts[1]);
        } catch (IllegalArgumentException e) {
            return Verdict.MALFORMED;
        }
        if (!parts[0].equals(VERSION)) {
            return Verdict.UNKNOWN_VERSION;
        }
        return MessageDigest.isEqual(signature, sign(parts[2])) ? verifyTime(parts[2]) : Verdict.WRONG_SIGNATURE;
    }

    private Verdict verifyTime(String seconds) {
        long time;
        try {
            if (!DECIMAL.matcher(seconds).matches()) {
                return Verdict.UNREADABLE_TIME;
            }
            time = Long.parseLong(seconds);
        } catch (NumberFormatException e) {
            return Verdict.UNREADABLE_TIME; // more than 64 bits
        }
        long now = clock.instant().getEpochSecond();
        if (time < now - TOLERANCE.toSeconds()) {
            return Verdict.TOO_OLD;
        }
        return time > now + TOLERANCE.toSeconds() ? Verdict.TOO_NEW : Verdict.OK;
    }

    private byte[] sign(String seconds) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(seconds.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
