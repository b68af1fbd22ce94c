/** Yamux: many streams over one connection. */
module dev.sluice.yamux {
    requires transitive dev.sluice.nio;

    exports dev.sluice.yamux;
}
