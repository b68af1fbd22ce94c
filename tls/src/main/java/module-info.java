/** TLS over any connection: identities, trust, the engine's driver, and the transport. */
module dev.sluice.tls {
    requires transitive dev.sluice.nio;
    requires org.jctools.core;

    exports dev.sluice.tls;

    provides dev.sluice.nio.spi.ConnectionLayer with
            dev.sluice.tls.internal.DefaultTls;
}
