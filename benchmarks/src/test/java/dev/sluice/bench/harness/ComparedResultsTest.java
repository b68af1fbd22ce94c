package dev.sluice.bench.harness;

import static dev.sluice.bench.harness.Metric.ECHOES_PER_SECOND;
import static dev.sluice.bench.harness.Metric.P50_MICROS;
import static dev.sluice.bench.harness.Metric.SERVER_LOAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparedResultsTest {
    private final ComparedResults<Server, Asked> results = new ComparedResults<>();

    private enum Server implements Contender {
        OURS(false),
        OURS_OTHERWISE(false),
        THIS_PEER(true),
        THAT_PEER(true);

        private final boolean reference;

        Server(boolean reference) {
            this.reference = reference;
        }

        @Override
        public String label() {
            return name();
        }

        @Override
        public boolean isReference() {
            return reference;
        }
    }

    private enum Asked implements TitledTest {
        ECHO;

        @Override
        public String title() {
            return name();
        }
    }

    @Test
    void shouldCompareToTheReferenceWithTheBetterMedianWhenMoreIsBetter() {
        throughput(Server.THIS_PEER, 100, 300, 200);
        throughput(Server.THAT_PEER, 250, 210, 220);
        throughput(Server.OURS, 250, 420, 110);

        assertThat(results.reference(Asked.ECHO, ECHOES_PER_SECOND)).hasValue(Server.THAT_PEER);
        assertThat(results.ratio(Server.OURS, Asked.ECHO, ECHOES_PER_SECOND)).hasValue(new Spread(1.0, 0.5, 2.0));
    }

    @Test
    void shouldCompareToTheReferenceWithTheBetterMedianWhenLessIsBetter() {
        results.add(Server.THIS_PEER, Asked.ECHO, Map.of(P50_MICROS, 40.0));
        results.add(Server.THAT_PEER, Asked.ECHO, Map.of(P50_MICROS, 50.0));
        results.add(Server.OURS, Asked.ECHO, Map.of(P50_MICROS, 10.0));

        assertThat(results.ratio(Server.OURS, Asked.ECHO, P50_MICROS)).hasValue(new Spread(0.25, 0.25, 0.25));
    }

    @Test
    void shouldHaveNoRatioWhenNoReferenceTookPart() {
        throughput(Server.OURS, 1);
        throughput(Server.OURS_OTHERWISE, 1);

        assertThat(results.ratio(Server.OURS, Asked.ECHO, ECHOES_PER_SECOND)).isEmpty();
    }

    @Test
    void shouldHaveNoRatioWhenTheMetricIsBackground() {
        results.add(Server.THIS_PEER, Asked.ECHO, Map.of(SERVER_LOAD, 1.0));

        assertThat(results.ratio(Server.THIS_PEER, Asked.ECHO, SERVER_LOAD)).isEmpty();
    }

    private void throughput(Server server, double... rounds) {
        for (double round : rounds) {
            results.add(server, Asked.ECHO, Map.of(ECHOES_PER_SECOND, round));
        }
    }
}
