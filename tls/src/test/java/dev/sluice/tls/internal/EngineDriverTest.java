package dev.sluice.tls.internal;

import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_TASK;
import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_UNWRAP;
import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_UNWRAP_AGAIN;
import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_WRAP;
import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
import static javax.net.ssl.SSLEngineResult.Status.BUFFER_OVERFLOW;
import static javax.net.ssl.SSLEngineResult.Status.BUFFER_UNDERFLOW;
import static javax.net.ssl.SSLEngineResult.Status.CLOSED;
import static javax.net.ssl.SSLEngineResult.Status.OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.tls.TlsFailure;
import dev.sluice.tls.internal.EngineDriver.Step;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The driver with engines that do what a script says, also what no engine should. */
class EngineDriverTest {
    private static final int RECORD = 25; // with its head

    private final ByteBuffer plain = ByteBuffer.allocate(200);
    private final ByteBuffer net = ByteBuffer.allocate(200);

    private static ByteBuffer records(int count) {
        ByteBuffer records = ByteBuffer.allocate(count * RECORD);
        for (int i = 0; i < count; i++) {
            records.put(new byte[] {23, 3, 3, 0, RECORD - 5}).put(new byte[RECORD - 5]);
        }
        return records.flip();
    }

    private static ScriptedEngine established() {
        return new ScriptedEngine(NOT_HANDSHAKING);
    }

    /** Returns a driver that has noticed that the handshake is over. */
    private EngineDriver driver(ScriptedEngine engine) throws SSLException {
        EngineDriver driver = new EngineDriver(engine);
        assertThat(driver.unwrap(records(0), plain)).isEqualTo(Step.DONE);
        assertThat(driver.isEstablished()).isTrue();
        return driver;
    }

    @Test
    void shouldAskForInputAtEveryByteWhenARecordComesInPieces() throws Exception {
        ScriptedEngine engine = established().unwraps(OK, NOT_HANDSHAKING, RECORD, 10);
        EngineDriver driver = driver(engine);
        ByteBuffer record = records(1);
        for (int there = 0; there < RECORD; there++) {
            assertThat(driver.unwrap(record.limit(there), plain)).isEqualTo(Step.NEED_INPUT);
        }
        assertThat(engine.calls()).isZero();
        assertThat(driver.unwrap(record.limit(RECORD), plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(10);
    }

    @Test
    void shouldUnwrapAllRecordsWhenThereIsRoom() throws Exception {
        EngineDriver driver = driver(established().unwraps(OK, NOT_HANDSHAKING, RECORD, 10));
        ByteBuffer three = records(3);
        assertThat(driver.unwrap(three, plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(three.hasRemaining()).isFalse();
        assertThat(plain.position()).isEqualTo(30);
    }

    @Test
    void shouldAskForRoomBeforeTheEngineCanKeepAPart() throws Exception {
        ScriptedEngine engine = established().unwraps(OK, NOT_HANDSHAKING, RECORD, 10);
        EngineDriver driver = driver(engine);
        assertThat(driver.unwrap(records(1), ByteBuffer.allocate(RECORD - 1))).isEqualTo(Step.NEED_ROOM);
        assertThat(engine.calls()).isZero();
        assertThat(driver.unwrap(records(1), ByteBuffer.allocate(RECORD))).isEqualTo(Step.NEED_INPUT);
    }

    @Test
    void shouldAskForRoomWhenTheEngineHasNone() throws Exception {
        EngineDriver driver = driver(
                established().unwraps(BUFFER_OVERFLOW, NOT_HANDSHAKING, 0, 0).unwraps(OK, NOT_HANDSHAKING, RECORD, 10));
        ByteBuffer record = records(1);
        assertThat(driver.unwrap(record, plain)).isEqualTo(Step.NEED_ROOM);
        assertThat(driver.unwrap(record, plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(10);
    }

    @Test
    void shouldStopAtTasksAndAnswersInTheMiddleOfReading() throws Exception {
        ScriptedEngine engine = established()
                .unwraps(OK, NEED_WRAP, RECORD, 10)
                .wraps(OK, NEED_TASK, 0, 7)
                .unwraps(OK, NOT_HANDSHAKING, RECORD, 10)
                .task(NOT_HANDSHAKING);
        EngineDriver driver = driver(engine);
        ByteBuffer two = records(2);
        assertThat(driver.unwrap(two, plain)).isEqualTo(Step.NEED_WRAP);
        assertThat(driver.needsWrap()).isTrue();
        assertThat(driver.wrap(net)).isEqualTo(Step.DONE);
        assertThat(driver.unwrap(two, plain)).isEqualTo(Step.NEED_TASK);
        driver.runTasks();
        assertThat(driver.unwrap(two, plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(20);
    }

    @Test
    void shouldUnwrapAgainWithoutInputWhenTheEngineAsksForThat() throws Exception {
        EngineDriver driver =
                driver(established().unwraps(OK, NEED_UNWRAP_AGAIN, RECORD, 0).unwraps(OK, NOT_HANDSHAKING, 0, 10));
        assertThat(driver.unwrap(records(1), plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(10);
    }

    @Test
    void shouldEndForGoodWhenThePeerHasEnded() throws Exception {
        ScriptedEngine engine = established().unwraps(CLOSED, NOT_HANDSHAKING, RECORD, 0);
        EngineDriver driver = driver(engine);
        assertThat(driver.unwrap(records(1), plain)).isEqualTo(Step.ENDED);
        assertThat(driver.isInputEnded()).isTrue();
        assertThat(driver.unwrap(records(1), plain)).isEqualTo(Step.ENDED);
        assertThat(engine.calls()).isEqualTo(1);
    }

    @Test
    void shouldFailWhenThePeerEndsWithinTheHandshake() {
        EngineDriver driver = new EngineDriver(new ScriptedEngine(NEED_UNWRAP).unwraps(CLOSED, NEED_WRAP, RECORD, 0));
        assertThatExceptionOfType(SSLException.class)
                .isThrownBy(() -> driver.unwrap(records(1), plain))
                .withMessageContaining("before the handshake was over");
    }

    @Test
    void shouldNotTakeItsOwnReleaseForThePeersEnd() throws Exception {
        EngineDriver driver = driver(established().unwraps(CLOSED, NOT_HANDSHAKING, 0, 0));
        driver.release();
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> driver.unwrap(records(1), plain));
        assertThat(driver.isInputEnded()).isFalse();
    }

    /** BouncyCastle's engine closes both directions when one is ended. */
    @Test
    void shouldNotTakeItsOwnEndForThePeersWhenTheEngineReadsNoMore() throws Exception {
        EngineDriver driver = driver(established().unwraps(CLOSED, NOT_HANDSHAKING, 0, 0));
        driver.endOutput();
        assertThatExceptionOfType(TlsProtocolException.class)
                .isThrownBy(() -> driver.unwrap(records(1), plain))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(TlsFailure.TRUNCATED));
        assertThat(driver.isInputEnded()).isFalse();
    }

    /** JSSE's engine makes all callers wait for its task, and who releases it may be a loop. */
    @Test
    void shouldLeaveTheEngineToTheThreadThatRunsItsTask() {
        ScriptedEngine engine = new ScriptedEngine(NEED_TASK);
        EngineDriver driver = new EngineDriver(engine);
        AtomicBoolean closedWithin = new AtomicBoolean();
        engine.task(() -> {
            driver.release();
            closedWithin.set(engine.isOutboundDone() || engine.isInboundDone());
        });
        driver.runTasks();
        assertThat(closedWithin).isFalse();
        assertThat(engine.isOutboundDone()).isTrue();
        assertThat(engine.isInboundDone()).isTrue();
    }

    @Test
    void shouldRunNoTasksWhenReleased() {
        AtomicBoolean ran = new AtomicBoolean();
        ScriptedEngine engine = new ScriptedEngine(NEED_TASK).task(() -> ran.set(true));
        EngineDriver driver = new EngineDriver(engine);
        driver.release();
        assertThat(engine.isOutboundDone()).isTrue();
        driver.runTasks();
        assertThat(ran).isFalse();
    }

    @Test
    void shouldNoticeTheEndOfTheHandshakeWhenItIsAWrap() throws Exception {
        EngineDriver driver = new EngineDriver(new ScriptedEngine(NEED_WRAP).finishes(true, 0, 9));
        assertThat(driver.unwrap(records(0), plain)).isEqualTo(Step.NEED_WRAP);
        assertThat(driver.wrap(net)).isEqualTo(Step.DONE);
        assertThat(driver.isEstablished()).isTrue();
    }

    @Test
    void shouldStopAtTheEndOfTheHandshakeWhenItIsAnUnwrap() throws Exception {
        EngineDriver driver = new EngineDriver(
                new ScriptedEngine(NEED_UNWRAP).finishes(false, RECORD, 0).unwraps(OK, NEED_WRAP, RECORD, 1));
        ByteBuffer two = records(2);
        assertThat(driver.unwrap(two, ByteBuffer.allocate(0))).isEqualTo(Step.DONE);
        assertThat(two.remaining()).as("what follows is somebody else's").isEqualTo(RECORD);
    }

    @Test
    void shouldSayWhatTheEngineHasToSayUntilItWantsToRead() throws Exception {
        EngineDriver driver = new EngineDriver(
                new ScriptedEngine(NEED_WRAP).wraps(OK, NEED_WRAP, 0, 9).wraps(OK, NEED_UNWRAP, 0, 9));
        assertThat(driver.wrap(net)).isEqualTo(Step.NEED_INPUT);
        assertThat(net.position()).isEqualTo(18);
    }

    @Test
    void shouldAskForRoomWhenAnotherRecordMayNotFit() throws Exception {
        ScriptedEngine engine = established().wraps(OK, NOT_HANDSHAKING, 1, 60);
        EngineDriver driver = driver(engine);
        ByteBuffer[] two = {ByteBuffer.allocate(2)};
        assertThat(driver.wrap(two, 0, 1, ByteBuffer.allocate(159))).isEqualTo(Step.NEED_ROOM);
        assertThat(two[0].remaining()).isEqualTo(1);
        assertThat(driver.wrap(two, 0, 1, ByteBuffer.allocate(99))).isEqualTo(Step.NEED_ROOM);
        assertThat(engine.calls()).isEqualTo(1);
    }

    @Test
    void shouldSayWhenTheOutputHasEnded() throws Exception {
        EngineDriver driver = driver(established().wraps(CLOSED, NOT_HANDSHAKING, 0, 5));
        assertThat(driver.wrap(net)).isEqualTo(Step.ENDED);
        assertThat(driver.wrap(net)).isEqualTo(Step.ENDED);
        assertThat(driver.needsWrap()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"OK", "BUFFER_UNDERFLOW", "BUFFER_OVERFLOW"})
    void shouldFailWhenUnwrappingMakesNoProgress(Status status) throws Exception {
        EngineDriver driver = driver(established().unwraps(status, NOT_HANDSHAKING, 0, 0));
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> {
            for (int i = 0; i < 100; i++) {
                driver.unwrap(records(1), plain);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"OK", "BUFFER_UNDERFLOW", "BUFFER_OVERFLOW"})
    void shouldFailWhenWrappingMakesNoProgress(Status status) throws Exception {
        EngineDriver driver = driver(established().wraps(status, NOT_HANDSHAKING, 0, 0));
        ByteBuffer[] some = {ByteBuffer.allocate(10)};
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> {
            for (int i = 0; i < 100; i++) {
                driver.wrap(some, 0, 1, net);
            }
        });
    }

    @Test
    void shouldFailWhenTheEngineOnlyTurnsFromReadingToWriting() {
        ScriptedEngine engine = new ScriptedEngine(NEED_UNWRAP);
        for (int i = 0; i < 50; i++) {
            engine.unwraps(OK, NEED_WRAP, 0, 0).wraps(OK, NEED_UNWRAP, 0, 0);
        }
        EngineDriver driver = new EngineDriver(engine);
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> {
            for (int i = 0; i < 50; i++) {
                driver.unwrap(records(1), plain);
                driver.wrap(net);
            }
        });
    }

    @Test
    void shouldFailWhenTheEngineWantsTasksThatItDoesNotHave() {
        EngineDriver driver = new EngineDriver(new ScriptedEngine(NEED_TASK));
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> {
            for (int i = 0; i < 50; i++) {
                assertThat(driver.unwrap(records(1), plain)).isEqualTo(Step.NEED_TASK);
                driver.runTasks();
            }
        });
    }

    @Test
    void shouldNotCountDoingNothingNowAndThen() throws Exception {
        ScriptedEngine engine = established();
        for (int i = 0; i < 50; i++) {
            engine.unwraps(OK, NOT_HANDSHAKING, 0, 0).unwraps(OK, NOT_HANDSHAKING, RECORD, 1);
        }
        EngineDriver driver = driver(engine);
        for (int i = 0; i < 50; i++) {
            assertThat(driver.unwrap(records(1), plain.clear())).isEqualTo(Step.NEED_INPUT);
        }
    }

    /** Said by an engine that is broken or closed, never by one that waits. */
    @Test
    void shouldNotWaitForAnAnswerThatCannotBeGivenAnyMore() throws Exception {
        ScriptedEngine engine = established().unwraps(OK, HandshakeStatus.NEED_WRAP, RECORD, 3);
        EngineDriver driver = driver(engine);
        engine.closeOutbound();
        assertThat(driver.unwrap(records(2), plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(6);
    }

    @Test
    void shouldRefuseARenegotiationWhenTls12WasAgreedUpon() throws Exception {
        ScriptedEngine engine = established();
        engine.protocol = "TLSv1.2";
        EngineDriver driver = driver(engine);
        ByteBuffer hello = ByteBuffer.wrap(new byte[] {22, 3, 3, 0, 1, 0});
        assertThatExceptionOfType(TlsProtocolException.class).isThrownBy(() -> driver.unwrap(hello, plain));
        assertThat(engine.calls()).isZero();
    }

    @Test
    void shouldGiveUpOnUnderflowOnlyWhenItStays() throws Exception {
        EngineDriver driver = driver(established()
                .unwraps(BUFFER_UNDERFLOW, NOT_HANDSHAKING, 0, 0)
                .unwraps(OK, NOT_HANDSHAKING, RECORD, 10));
        ByteBuffer record = records(1);
        assertThat(driver.unwrap(record, plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(driver.unwrap(record, plain)).isEqualTo(Step.NEED_INPUT);
        assertThat(plain.position()).isEqualTo(10);
    }
}
