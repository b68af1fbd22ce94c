package dev.sluice.bench.echo;

import dev.sluice.bench.harness.ProcessorTime;
import java.util.Map;

/** Who used the processors since the beginning of a measurement: the server, the client (this process), others. */
record Disturbance(long serverPid, long beginNanos, double server, double client, double machine) {
    static Disturbance now(long serverPid) {
        return new Disturbance(
                serverPid,
                System.nanoTime(),
                ProcessorTime.ofProcess(serverPid),
                ProcessorTime.ofProcess(ProcessHandle.current().pid()),
                ProcessorTime.ofMachine());
    }

    void addUntilNow(long echoes, Map<EchoMetric, Double> results) {
        Disturbance now = now(serverPid);
        double seconds = (now.beginNanos - beginNanos) / 1e9;
        double byServer = now.server - server;
        double byOthers = now.machine - machine - byServer - (now.client - client);
        results.put(EchoMetric.SERVER_MICROS_PER_ECHO, byServer * 1e6 / Math.max(1, echoes));
        results.put(EchoMetric.SERVER_LOAD, byServer / seconds);
        results.put(EchoMetric.OTHER_LOAD, Math.max(0, byOthers / seconds));
    }
}
