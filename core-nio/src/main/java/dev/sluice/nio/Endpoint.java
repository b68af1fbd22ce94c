package dev.sluice.nio;

import dev.sluice.nio.internal.Transports;
import dev.sluice.nio.spi.ConnectionLayer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address as a URI: where to listen or connect, by which transport, with which options. Immutable.
 *
 * <pre>
 *   tcp://host:port            tcp://[::1]:8075?backlog=512      port 0: the system chooses; host * or empty: all addresses
 *   unix:///run/app.sock       unix:///run/app.sock?mode=0660    unix:relative.sock
 *   unix-abstract:name         Linux only: a name that is no file
 *   memory:name                within this process
 *   tls://host:port            a layer over a transport, also as tls+tcp://host:port
 *   tls+unix:///run/app.sock   the same over another transport
 * </pre>
 *
 * <p>A layer with settings, such as certificates, comes as an object: {@link #with}.
 *
 * <p>Every transport knows the option {@code connecttimeout} ({@link #connectTimeout()}).
 *
 * <p>A plugged-in transport brings its own scheme; the part behind the colon is {@code //host:port} or a name. Options
 * follow a question mark; the transport refuses those that it does not know. A question mark, hash or percent sign within a path or
 * name is percent-encoded.
 */
public final class Endpoint {
    private static final int NO_PORT = -1;
    private static final int MAX_PORT = 65535;
    /** An address of IPv4 or IPv6. */
    private static final Pattern NUMERIC_HOST = Pattern.compile("[0-9.]+|.*:.*");

    private static final String CONNECT_TIMEOUT = "connecttimeout";

    /** The layer that {@code tls://} names without naming a transport. */
    private static final String LAYER_ALONE = "tls";

    private final String scheme;
    private final String layerScheme;
    private final Optional<ConnectionLayer> layer;
    private final String host;
    private final int port;
    private final String name;
    private final Map<String, String> options;

    private Endpoint(String scheme, String host, int port, String name, Map<String, String> options) {
        this(scheme, "", Optional.empty(), host, port, name, options);
    }

    private Endpoint(
            String scheme,
            String layerScheme,
            Optional<ConnectionLayer> layer,
            String host,
            int port,
            String name,
            Map<String, String> options) {
        this.scheme = scheme;
        this.layerScheme = layerScheme;
        this.layer = layer;
        this.host = host;
        this.port = port;
        this.name = name;
        this.options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /**
     * Returns a TCP address.
     *
     * @param host name, IPv4 or IPv6 address without brackets; empty or {@code *} for all addresses of the machine
     * @param port 0 to 65535; 0 lets the system choose when listening
     */
    public static Endpoint tcp(String host, int port) {
        return new Endpoint("tcp", host, checkedPort(port, "tcp://" + host + ":" + port), "", Map.of());
    }

    /** Returns the address of a Unix socket file. */
    public static Endpoint unix(Path path) {
        return named("unix", path.toString());
    }

    /** Returns an address in Linux's abstract namespace of Unix sockets. */
    public static Endpoint unixAbstract(String name) {
        return named("unix-abstract", name);
    }

    /** Returns an address within this process. */
    public static Endpoint memory(String name) {
        return named("memory", name);
    }

    private static Endpoint named(String scheme, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(scheme + ": the name must not be empty");
        }
        return new Endpoint(scheme, "", NO_PORT, name, Map.of());
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if the text is none; the message says what is wrong and how it should look
     */
    public static Endpoint parse(String text) {
        int colon = text.indexOf(':');
        if (colon <= 0 || !isScheme(text.substring(0, colon))) {
            throw malformed(text, "it must begin with a scheme, as in tcp://127.0.0.1:8075 or unix:///run/app.sock");
        }
        String schemes = text.substring(0, colon).toLowerCase(Locale.ROOT);
        int plus = schemes.equals(LAYER_ALONE) ? schemes.length() : schemes.indexOf('+');
        Endpoint below = parseBelow(text, plus < 0 ? schemes : transportOf(schemes, plus), colon);
        return plus < 0 ? below : below.layered(schemes.substring(0, plus), Optional.empty());
    }

    private static String transportOf(String schemes, int plus) {
        return plus == schemes.length() ? "tcp" : schemes.substring(plus + 1);
    }

    private static Endpoint parseBelow(String text, String scheme, int colon) {
        String rest = text.substring(colon + 1);
        int question = rest.indexOf('?');
        Map<String, String> options = question < 0 ? Map.of() : parseOptions(text, rest.substring(question + 1));
        String address = question < 0 ? rest : rest.substring(0, question);
        if (address.startsWith("//") && !address.startsWith("///")) {
            return parseHostPort(text, scheme, address.substring(2), options);
        }
        String name = decode(text, address.startsWith("///") ? address.substring(2) : address);
        if (name.isEmpty()) {
            throw malformed(text, "nothing follows the scheme");
        }
        if (scheme.equals("tcp")) {
            throw malformed(text, "expected " + text.substring(0, colon) + "://host:port");
        }
        return new Endpoint(scheme, "", NO_PORT, name, options);
    }

    private static boolean isScheme(String text) {
        return text.matches("[A-Za-z][A-Za-z0-9+.-]*");
    }

    private static Endpoint parseHostPort(String text, String scheme, String address, Map<String, String> options) {
        if (scheme.startsWith("unix") || scheme.equals("memory")) {
            throw malformed(text, "expected " + scheme + (scheme.equals("unix") ? ":///absolute/path" : ":name"));
        }
        int colon = address.lastIndexOf(':');
        boolean bracketed = address.startsWith("[");
        int bracket = address.indexOf(']');
        if (colon < 0 || (bracketed && (bracket < 0 || colon != bracket + 1))) {
            throw malformed(text, "the port is missing: expected " + scheme + "://host:port");
        }
        String host = bracketed ? address.substring(1, bracket) : address.substring(0, colon);
        if (host.indexOf('/') >= 0 || (!bracketed && host.indexOf(':') >= 0)) {
            throw malformed(text, "an IPv6 address stands in brackets, as in tcp://[::1]:8075, and no path follows");
        }
        return new Endpoint(scheme, host, parsePort(text, address.substring(colon + 1)), "", options);
    }

    private static int parsePort(String text, String digits) {
        if (!digits.matches("[0-9]{1,9}")) {
            throw malformed(text, "the port must be a number from 0 to 65535, is '" + digits + "'");
        }
        return checkedPort(Integer.parseInt(digits), text);
    }

    private static int checkedPort(int port, String text) {
        if (port < 0 || port > MAX_PORT) {
            throw malformed(text, "the port must be a number from 0 to 65535, is '" + port + "'");
        }
        return port;
    }

    private static Map<String, String> parseOptions(String text, String query) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw malformed(text, "an option is written name=value, is '" + pair + "'");
            }
            if (options.put(decode(text, pair.substring(0, equals)), decode(text, pair.substring(equals + 1)))
                    != null) {
                throw malformed(text, "the option '" + pair.substring(0, equals) + "' stands twice");
            }
        }
        return options;
    }

    private static String decode(String text, String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed(text, "a percent sign is followed by two hexadecimal digits, and is itself written %25");
        }
    }

    private static IllegalArgumentException malformed(String text, String why) {
        return new IllegalArgumentException("not an endpoint: '" + text + "': " + why);
    }

    /** Returns this address with an option set. */
    public Endpoint withOption(String option, String value) {
        Map<String, String> merged = new LinkedHashMap<>(options);
        merged.put(option, value);
        return new Endpoint(scheme, layerScheme, layer, host, port, name, merged);
    }

    /**
     * Returns this address with a layer over its transport, in place of one that it has.
     *
     * @throws IllegalArgumentException if the scheme names another kind of layer
     */
    public Endpoint with(ConnectionLayer over) {
        if (!layerScheme.isEmpty() && !layerScheme.equals(over.scheme())) {
            throw new IllegalArgumentException(this + " names the layer " + layerScheme + ", not " + over.scheme());
        }
        return layered(over.scheme(), Optional.of(over));
    }

    private Endpoint layered(String kind, Optional<ConnectionLayer> over) {
        return new Endpoint(scheme, kind, over, host, port, name, options);
    }

    /** Returns the address of the transport alone, without a layer over it. */
    public Endpoint below() {
        return new Endpoint(scheme, host, port, name, options);
    }

    /**
     * Returns the layer over the transport, if there is one: the one set with {@link #with}, or else the one installed for the
     * scheme.
     *
     * @throws TransportException if none is installed
     */
    public Optional<ConnectionLayer> layer() throws TransportException {
        return layer.isPresent() || layerScheme.isEmpty() ? layer : Optional.of(Transports.layerOf(layerScheme));
    }

    /** Returns this address with another port, for transports that let the system choose. */
    public Endpoint withPort(int boundPort) {
        return new Endpoint(scheme, layerScheme, layer, host, checkedPort(boundPort, toString()), name, options);
    }

    /** Returns the scheme in lower case: which transport, and which layer over it. */
    public String scheme() {
        if (layerScheme.isEmpty()) {
            return scheme;
        }
        return layerScheme.equals(LAYER_ALONE) && scheme.equals("tcp") ? LAYER_ALONE : layerScheme + "+" + scheme;
    }

    /** Returns the host, or the empty text if the address has none or means all addresses. */
    public String host() {
        return host.equals("*") ? "" : host;
    }

    /** Returns the port, or -1 if the address has none. */
    public int port() {
        return port;
    }

    /** Returns the path or name behind the scheme; empty for addresses with a host and port. */
    public String name() {
        return name;
    }

    /**
     * Returns this address as the JDK writes it: of a Unix socket's path, or of a host that is given as a number, as those of open
     * connections are. Empty for all others; nothing is resolved.
     */
    public Optional<SocketAddress> socketAddress() {
        if (port >= 0 && NUMERIC_HOST.matcher(host).matches()) {
            return Optional.of(new InetSocketAddress(host, port));
        }
        return scheme.equals("unix") ? Optional.of(UnixDomainSocketAddress.of(name)) : Optional.empty();
    }

    /** Returns an option's value. */
    public Optional<String> option(String option) {
        return Optional.ofNullable(options.get(option));
    }

    /**
     * Returns the option {@code connecttimeout}, written as a whole number of milliseconds: how long connecting to this address may take,
     * with name resolution and the handshake of a layer. Where whoever connects sets a limit as well, the shorter one holds.
     *
     * @throws IllegalArgumentException if the option is no whole number above zero
     */
    public Optional<Duration> connectTimeout() {
        return option(CONNECT_TIMEOUT).map(text -> {
            if (!text.matches("0*[1-9][0-9]{0,17}")) {
                throw new IllegalArgumentException(this + ": the option '" + CONNECT_TIMEOUT
                        + "' takes a number of milliseconds of at least 1, is '" + text + "'");
            }
            return Duration.ofMillis(Long.parseLong(text));
        });
    }

    /** Returns this address as transports get it, without what is looked after above them. */
    public Endpoint withoutConnectTimeout() {
        Map<String, String> left = new LinkedHashMap<>(options);
        left.remove(CONNECT_TIMEOUT);
        return new Endpoint(scheme, layerScheme, layer, host, port, name, left);
    }

    /** Returns all options in the order given. */
    public Map<String, String> options() {
        return options;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint endpoint
                && layer.equals(endpoint.layer)
                && toString().equals(endpoint.toString());
    }

    @Override
    public int hashCode() {
        return Objects.hash(scheme, layerScheme, host, port, name);
    }

    /** Returns the URI, which {@link #parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(scheme()).append(':');
        if (port != NO_PORT) {
            text.append("//")
                    .append(host.indexOf(':') >= 0 ? "[" + host + "]" : host)
                    .append(':')
                    .append(port);
        } else {
            text.append(name.startsWith("/") ? "//" : "").append(encodeName(name));
        }
        char separator = '?';
        for (Map.Entry<String, String> option : options.entrySet()) {
            text.append(separator).append(encode(option.getKey())).append('=').append(encode(option.getValue()));
            separator = '&';
        }
        return text.toString();
    }

    private static String encodeName(String name) {
        return name.replace("%", "%25").replace("?", "%3F").replace("#", "%23");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
