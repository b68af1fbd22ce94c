/** TLS over any connection: identities, trust, the engine's driver, and the transport. */
module dev.sluice.tls {
    requires transitive dev.sluice.nio;

    exports dev.sluice.tls;
}
