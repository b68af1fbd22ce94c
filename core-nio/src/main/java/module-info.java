/**
 * Event loops, connections, buffers and the transports {@code tcp}, {@code unix}, {@code unix-abstract} and {@code memory}.
 */
module dev.sluice.nio {
    requires java.base;
    requires jdk.net;
    requires org.jctools.core;
    requires static jdk.jfr;
    requires static jdk.unsupported;
    requires static org.jnrproject.enxio;
    requires static org.jnrproject.unixsocket;

    exports dev.sluice.nio;
    exports dev.sluice.nio.spi;

    uses dev.sluice.nio.spi.ConnectionLayer;
    uses dev.sluice.nio.spi.TransportProvider;

    provides dev.sluice.nio.spi.TransportProvider with
            dev.sluice.nio.internal.MemoryTransport,
            dev.sluice.nio.internal.TcpTransport,
            dev.sluice.nio.internal.UnixAbstractTransport,
            dev.sluice.nio.internal.UnixTransport;
}
