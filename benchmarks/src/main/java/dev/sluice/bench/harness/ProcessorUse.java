package dev.sluice.bench.harness;

/**
 * Processor time, in seconds, at a moment or from one to another: of a server, of its client (this process, and those that it
 * started and that have ended), of others. Where one process is both, all of it counts as the server's.
 *
 * @param seconds of the clock
 */
record ProcessorUse(double seconds, double server, double client, double machine) {
    static ProcessorUse now(long serverPid) {
        long clientPid = ProcessHandle.current().pid();
        return new ProcessorUse(
                System.nanoTime() / 1e9,
                ProcessorTime.ofProcess(serverPid),
                clientPid == serverPid
                        ? 0
                        : ProcessorTime.ofProcess(clientPid) + ProcessorTime.ofEndedChildren(clientPid),
                ProcessorTime.ofMachine());
    }

    ProcessorUse since(ProcessorUse earlier) {
        return new ProcessorUse(
                seconds - earlier.seconds, server - earlier.server, client - earlier.client, machine - earlier.machine);
    }

    /** Returns how many cores the server used. */
    double serverLoad() {
        return server / seconds;
    }

    /** Returns how many cores neither of the two used. */
    double othersLoad() {
        return Math.max(0, (machine - server - client) / seconds);
    }
}
